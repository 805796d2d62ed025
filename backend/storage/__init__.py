"""What survives: Tortoise models, the database's life, and rows as views."""
