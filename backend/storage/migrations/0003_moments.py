from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

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
    ]
