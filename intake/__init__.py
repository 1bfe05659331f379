"""Paper to pages: files opened, pages upright, classified and registered."""
