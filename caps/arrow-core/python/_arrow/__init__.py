"""What arrow consists of; other caps add to it."""
