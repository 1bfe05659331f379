"""RQ workers."""
