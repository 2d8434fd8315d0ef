"""What users declare: entity classes with their keys and indexes."""
