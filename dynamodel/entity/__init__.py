"""What an entity class says, compiled: its attributes, its codec, its keys and indexes."""
