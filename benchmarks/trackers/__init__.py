"""The peers that tell what changed on an instance, each with the same booking."""
