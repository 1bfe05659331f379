"""The record: documents, pages, steps, leases, outbox; and the content-addressed store."""
