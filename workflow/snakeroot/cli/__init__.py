"""The command `snakeroot`: each of its words is a module, which says what came of what the rooms below do."""
