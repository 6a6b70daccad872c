"""All of the legacy system's models in one file, as it was."""

from django.contrib.auth.models import User
from django.db import models


class Profile(models.Model):
    """What the company knows of a user."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    timezone = models.CharField(max_length=50, default="America/New_York")
    digest_opt_out = models.BooleanField(default=False)
    phone_number = models.CharField(max_length=20, blank=True)
    address = models.TextField(blank=True)
    role = models.CharField(max_length=20, default="staff")


class Property(models.Model):
    """A house."""

    name = models.CharField(max_length=100, unique=True)
    address = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)
    created_by = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="created_properties"
    )
    modified_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="modified_properties"
    )
    history = models.TextField(blank=True, default="[]")

    class Meta:
        verbose_name_plural = "properties"


class PropertyOwnership(models.Model):
    """Who has to do with a house."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="ownerships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="ownerships")
    ownership_type = models.CharField(max_length=20, default="owner")
    can_edit = models.BooleanField(default=False)

    class Meta:
        unique_together = ("property", "user", "ownership_type")


class Booking(models.Model):
    """A stay."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="bookings")
    check_in_date = models.DateTimeField()
    check_out_date = models.DateTimeField()
    guest_name = models.CharField(max_length=200)
    guest_contact = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=20, default="booked")
    external_code = models.CharField(max_length=100, blank=True)
    external_status = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=50, blank=True)
    listing_name = models.CharField(max_length=200, blank=True)
    earnings_amount = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    earnings_currency = models.CharField(max_length=10, default="USD")
    booked_on = models.DateField(null=True, blank=True)
    adults = models.PositiveIntegerField(default=1)
    children = models.PositiveIntegerField(default=0)
    infants = models.PositiveIntegerField(default=0)
    nights = models.PositiveIntegerField(null=True, blank=True)
    property_label_raw = models.CharField(max_length=200, blank=True)
    same_day_note = models.CharField(max_length=255, blank=True)
    same_day_flag = models.BooleanField(default=False)
    raw_row = models.JSONField(null=True, blank=True)
    last_import_update = models.DateTimeField(null=True, blank=True)
    history = models.TextField(blank=True, default="[]")


class BookingImportTemplate(models.Model):
    """How a house's workbook is read."""

    name = models.CharField(max_length=100)
    property = models.ForeignKey(Property, on_delete=models.CASCADE, null=True, blank=True)
    import_type = models.CharField(max_length=20, default="excel")
    date_format = models.CharField(max_length=50, default="%Y-%m-%d")
    auto_create_tasks = models.BooleanField(default=True)


class BookingImportLog(models.Model):
    """One import, with its errors and conflicts as text."""

    template = models.ForeignKey(BookingImportTemplate, on_delete=models.CASCADE, null=True)
    import_file = models.FileField(upload_to="booking_imports/")
    total_rows = models.IntegerField(default=0)
    successful_imports = models.IntegerField(default=0)
    errors_count = models.IntegerField(default=0)
    errors_log = models.TextField(blank=True)
    imported_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    imported_at = models.DateTimeField(auto_now_add=True)


class Task(models.Model):
    """A piece of work."""

    TYPES = [
        ("cleaning", "Cleaning"),
        ("maintenance", "Maintenance"),
        ("laundry", "Laundry"),
        ("lawn_pool", "Lawn/Pool"),
        ("other", "Other"),
    ]
    STATUSES = [
        ("pending", "Pending"),
        ("in-progress", "In progress"),
        ("completed", "Completed"),
        ("canceled", "Canceled"),
    ]
    task_type = models.CharField(max_length=20, choices=TYPES, default="cleaning")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    property = models.ForeignKey(
        Property, on_delete=models.CASCADE, null=True, blank=True, related_name="tasks"
    )
    booking = models.ForeignKey(
        Booking, on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    status = models.CharField(max_length=20, choices=STATUSES, default="pending")
    due_date = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="assigned_tasks"
    )
    depends_on = models.ManyToManyField("self", symmetrical=False, blank=True)
    muted_by = models.ManyToManyField(User, blank=True, related_name="muted_tasks")
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="created_tasks"
    )
    modified_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="modified_tasks"
    )
    history = models.TextField(blank=True, default="[]")


class TaskImage(models.Model):
    """A photo of a task."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="images")
    image = models.ImageField(upload_to="tasks/")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)


class Notification(models.Model):
    """A word to a user about a task."""

    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, null=True)
    verb = models.CharField(max_length=50)
    read = models.BooleanField(default=False)
    timestamp = models.DateTimeField(auto_now_add=True)
    history = models.TextField(blank=True, default="[]")

    class Meta:
        ordering = ["-timestamp"]


class ChecklistTemplate(models.Model):
    """What has to be looked at for a type of task."""

    name = models.CharField(max_length=100)
    task_type = models.CharField(max_length=20)
    is_active = models.BooleanField(default=True)
    history = models.TextField(blank=True, default="[]")


class InventoryItem(models.Model):
    """Something that the houses use up."""

    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=20, default="each")
    cost = models.FloatField(null=True, blank=True)
    sku = models.CharField(max_length=50, blank=True, null=True)
    is_active = models.BooleanField(default=True)
    history = models.TextField(blank=True, default="[]")


class PropertyInventory(models.Model):
    """How much of it a house has."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE)
    item = models.ForeignKey(InventoryItem, on_delete=models.CASCADE)
    current_stock = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    par_level = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    max_level = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    storage_location = models.CharField(max_length=100, blank=True)
    history = models.TextField(blank=True, default="[]")

    class Meta:
        unique_together = ("property", "item")


class InventoryTransaction(models.Model):
    """What was taken or brought."""

    property_inventory = models.ForeignKey(PropertyInventory, on_delete=models.CASCADE)
    transaction_type = models.CharField(max_length=20)
    quantity = models.DecimalField(max_digits=10, decimal_places=2)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    history = models.TextField(blank=True, default="[]")


class ScheduleTemplate(models.Model):
    """Work that comes again."""

    name = models.CharField(max_length=100)
    frequency = models.CharField(max_length=20, default="weekly")
    interval = models.PositiveIntegerField(default=1)
    start_date = models.DateField()
    end_date = models.DateField(null=True, blank=True)
    time_of_day = models.TimeField(default="09:00:00")
    property = models.ForeignKey(Property, on_delete=models.CASCADE, null=True, blank=True)
    default_assignee = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    last_generated = models.DateField(null=True, blank=True)


class GeneratedTask(models.Model):
    """Which task a schedule made for which day."""

    schedule = models.ForeignKey(ScheduleTemplate, on_delete=models.CASCADE)
    task = models.ForeignKey(Task, on_delete=models.CASCADE)
    generated_for_date = models.DateField()
    history = models.TextField(blank=True, default="[]")
