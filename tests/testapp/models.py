"""Models that the library's tests need; each feature's test models stand in a file of their own."""

from django.contrib.auth.models import AbstractUser

from .models_audit import *  # noqa: F403
from .models_autotasks import *  # noqa: F403
from .models_composition import *  # noqa: F403
from .models_deletion import *  # noqa: F403
from .models_diff import *  # noqa: F403
from .models_integrity import *  # noqa: F403
from .models_links import *  # noqa: F403
from .models_protected import *  # noqa: F403
from .models_readme import *  # noqa: F403
from .models_rings import *  # noqa: F403
from .models_softdelete import *  # noqa: F403
from .models_stamps import *  # noqa: F403
from .models_trail import *  # noqa: F403
from .models_uploads import *  # noqa: F403
from .models_values import *  # noqa: F403
from .models_walk import *  # noqa: F403


class Person(AbstractUser):
    """A user model that is not ``auth.User``, so that nothing may assume it."""
