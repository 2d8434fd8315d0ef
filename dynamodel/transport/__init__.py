"""How requests reach DynamoDB: one small protocol, and what implements it."""
