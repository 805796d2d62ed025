from datetime import timedelta
from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

BATCH = 1000


async def measure_finished_visits(apps: StateApps, editor: BaseSchemaEditor) -> None:
    """Fill in how long the visits were that ended before their length was kept."""
    visits: Any = apps.get_model('shop.LiveStreamViewer')
    newest = ''
    while rows := (
        await visits.filter(id__gt=newest, left_at__isnull=False, watched_ms=None)
        .using_db(editor.client)
        .order_by('id')
        .limit(BATCH)
    ):
        for row in rows:
            row.watched_ms = (row.left_at - row.joined_at) // timedelta(milliseconds=1)
        await visits.bulk_create(rows, on_conflict=['id'], update_fields=['watched_ms'], using_db=editor.client)
        newest = rows[-1].id


class Migration(migrations.Migration):
    dependencies = [('shop', '0002_orders')]

    initial = False

    operations = [
        ops.AddField(
            model_name='LedgerEntry',
            name='featured_id',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='LedgerEntry',
            name='flash_sale_id',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='LiveStreamViewer',
            name='watched_ms',
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name='OrderLine',
            name='featured_id',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='OrderLine',
            name='flash_sale_id',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='Refund',
            name='reference',
            field=fields.CharField(null=True, max_length=200),
        ),
        ops.AddConstraint(
            model_name='Refund',
            constraint=UniqueConstraint(fields=('order_id', 'reference'), name=None),
        ),
        ops.RemoveIndex(
            model_name='LiveStreamViewer',
            name=None,
            fields=['stream_id', 'viewer_id'],
        ),
        ops.AddIndex(
            model_name='LiveStreamViewer',
            index=Index(fields=['stream_id', 'viewer_id', 'watched_ms']),
        ),
        ops.RemoveIndex(
            model_name='Order',
            name=None,
            fields=['stream_id', 'status'],
        ),
        ops.AddIndex(
            model_name='Order',
            index=Index(fields=['stream_id', 'status', 'cancelled_at']),
        ),
        ops.RunPython(measure_finished_visits, ops.RunPython.noop),
    ]
