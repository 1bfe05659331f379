"""One settings model: a TOML file and environment variables."""
