"""The replay: a database that is only a schema, and everything that scripts ask of it."""
