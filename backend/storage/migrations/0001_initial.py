from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from shared.roles import Role
from shared.views import AffiliateStatus, Badge, HostType, StreamStatus
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Account',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('display_name', fields.CharField(max_length=200)),
                ('role', fields.CharEnumField(description='GUEST: guest\nVIEWER: viewer\nSELLER: seller\nAFFILIATE: affiliate\nMODERATOR: moderator\nOPS: ops\nADMIN: admin', enum_type=Role, max_length=20)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'accounts', 'app': 'shop', 'pk_attr': 'id', 'table_description': 'A person who signs in: a viewer, moderator, ops or admin.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Affiliate',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('name', fields.CharField(max_length=200)),
                ('username', fields.CharField(unique=True, max_length=64)),
                ('display_name', fields.CharField(max_length=200)),
                ('profile_image', fields.CharField(null=True, max_length=2000)),
                ('status', fields.CharEnumField(description='PENDING: pending\nAPPROVED: approved\nSUSPENDED: suspended', enum_type=AffiliateStatus, max_length=20)),
                ('commission_rate', fields.IntField()),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'affiliates', 'app': 'shop', 'pk_attr': 'id', 'table_description': "Somebody who shows a seller's products for a commission."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Seller',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('business_name', fields.CharField(max_length=200)),
                ('logo', fields.CharField(null=True, max_length=2000)),
                ('currency', fields.CharField(max_length=3)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sellers', 'app': 'shop', 'pk_attr': 'id', 'table_description': 'Somebody who sells.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LiveStream',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('seq', fields.BigIntField(default=0, db_default=0)),
                ('title', fields.CharField(max_length=200)),
                ('description', fields.TextField(null=True, unique=False)),
                ('status', fields.CharEnumField(description='SCHEDULED: scheduled\nLIVE: live\nENDED: ended\nCANCELLED: cancelled', enum_type=StreamStatus, max_length=20)),
                ('host_type', fields.CharEnumField(description='SELLER: seller\nAFFILIATE: affiliate', enum_type=HostType, max_length=20)),
                ('seller', fields.ForeignKeyField('shop.Seller', source_field='seller_id', db_constraint=True, to_field='id', related_name='streams', on_delete=OnDelete.RESTRICT)),
                ('affiliate', fields.ForeignKeyField('shop.Affiliate', source_field='affiliate_id', null=True, db_constraint=True, to_field='id', related_name='streams', on_delete=OnDelete.RESTRICT)),
                ('stream_key', fields.CharField(unique=True, max_length=64)),
                ('playback_id', fields.CharField(unique=True, max_length=64)),
                ('category', fields.CharField(null=True, max_length=60)),
                ('tags', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('thumbnail_url', fields.CharField(null=True, max_length=2000)),
                ('peak_viewers', fields.IntField(default=0, db_default=0)),
                ('had_ingest', fields.BooleanField(default=False, db_default=False)),
                ('ingest_lost_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('scheduled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('started_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'live_streams', 'app': 'shop', 'indexes': [Index(fields=['status', 'id']), Index(fields=['seller_id', 'id']), Index(fields=['affiliate_id', 'id'])], 'pk_attr': 'id', 'table_description': 'One show.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LiveStreamMessage',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('stream', fields.ForeignKeyField('shop.LiveStream', source_field='stream_id', db_constraint=True, to_field='id', related_name='messages', on_delete=OnDelete.RESTRICT)),
                ('seq', fields.BigIntField()),
                ('author_id', fields.CharField(max_length=64)),
                ('is_guest', fields.BooleanField()),
                ('username', fields.CharField(max_length=200)),
                ('badge', fields.CharEnumField(null=True, description='SELLER: seller\nAFFILIATE: affiliate\nMODERATOR: moderator\nVIP: vip', enum_type=Badge, max_length=20)),
                ('message', fields.TextField(unique=False)),
                ('sent_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('deleted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('deleted_by', fields.CharField(null=True, max_length=64)),
            ],
            options={'table': 'live_stream_messages', 'app': 'shop', 'unique_together': (('stream_id', 'seq'),), 'indexes': [Index(fields=['stream_id', 'sent_at'])], 'pk_attr': 'id', 'table_description': 'A chat line. A deleted one stays as a row and is shown to nobody.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LiveStreamViewer',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('stream', fields.ForeignKeyField('shop.LiveStream', source_field='stream_id', db_constraint=True, to_field='id', related_name='viewers', on_delete=OnDelete.RESTRICT)),
                ('viewer_id', fields.CharField(max_length=64)),
                ('joined_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('last_seen_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('left_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'live_stream_viewers', 'app': 'shop', 'indexes': [Index(fields=['stream_id', 'viewer_id']), Index(fields=['left_at'])], 'pk_attr': 'id', 'table_description': 'One visit of one viewer to one stream.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Product',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('seller', fields.ForeignKeyField('shop.Seller', source_field='seller_id', db_constraint=True, to_field='id', related_name='products', on_delete=OnDelete.RESTRICT)),
                ('name', fields.CharField(max_length=200)),
                ('description', fields.TextField(null=True, unique=False)),
                ('price_minor', fields.BigIntField()),
                ('currency', fields.CharField(max_length=3)),
                ('stock', fields.BigIntField()),
                ('images', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'products', 'app': 'shop', 'indexes': [Index(fields=['seller_id', 'id'])], 'pk_attr': 'id', 'table_description': 'Something for sale.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LiveStreamProduct',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('stream', fields.ForeignKeyField('shop.LiveStream', source_field='stream_id', db_constraint=True, to_field='id', related_name='products', on_delete=OnDelete.RESTRICT)),
                ('product', fields.ForeignKeyField('shop.Product', source_field='product_id', db_constraint=True, to_field='id', related_name='featured', on_delete=OnDelete.RESTRICT)),
                ('special_price_minor', fields.BigIntField(null=True)),
                ('is_active', fields.BooleanField()),
                ('is_highlighted', fields.BooleanField(default=False, db_default=False)),
                ('highlighted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('position', fields.IntField()),
                ('added_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'live_stream_products', 'app': 'shop', 'unique_together': (('stream_id', 'product_id'),), 'pk_attr': 'id', 'table_description': 'A product as it is featured in one stream.'},
            bases=['Model'],
        ),
    ]
