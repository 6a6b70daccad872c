"""Background tasks, as a project would write them."""

from tests.testapp.models import Ledger

from .tasks import task


@task
def create_ledger(title, amount=0):
    return Ledger.objects.create(title=title, amount=amount).pk


@task
async def create_ledger_async(title):
    return (await Ledger.objects.acreate(title=title)).pk


@task(takes_context=True)
def create_numbered_ledger(context, title):
    return Ledger.objects.create(title=title, amount=context.attempt).pk


@task(backend="plain")
def create_ledger_plainly(title):
    return Ledger.objects.create(title=title).pk
