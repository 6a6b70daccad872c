"""Houses, bookings and tasks, and what is done with them."""
