"""What people and neighbouring systems ask for. Each function checks first and changes afterwards."""
