"""Import the records of other audit packages into the trail."""
