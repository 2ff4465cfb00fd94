"""Published projects, replayed as they were released."""
