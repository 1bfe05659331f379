"""The processes that keep the street moving: watcher, relay, reconciler, supervisor."""
