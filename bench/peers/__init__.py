"""The interpreters that Pylon is measured against, fetched by hash into the user's cache."""
