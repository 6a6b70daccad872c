"""Houses, bookings and tasks, and the services that work on them."""
