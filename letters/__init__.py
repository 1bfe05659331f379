"""Asking providers: drafts, letters, reply sheets, posting, replies, reminders."""
