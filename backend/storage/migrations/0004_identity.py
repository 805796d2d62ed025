from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('shop', '0003_moments')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ApiToken',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('account', fields.ForeignKeyField('shop.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='api_tokens', on_delete=OnDelete.RESTRICT)),
                ('name', fields.CharField(max_length=200)),
                ('hash', fields.CharField(unique=True, max_length=64)),
                ('scopes', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'api_tokens', 'app': 'shop', 'indexes': [Index(fields=['account_id', 'id'])], 'pk_attr': 'id', 'table_description': 'A token that an account made for a program of its own. The secret itself is not kept.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Revocation',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('revoked_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('forget_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'revocations', 'app': 'shop', 'pk_attr': 'id', 'table_description': 'A signed token, an API token or a sign-in that counts no more.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SignInRow',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('account', fields.ForeignKeyField('shop.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='sign_ins', on_delete=OnDelete.RESTRICT)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('access_until', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sign_ins', 'app': 'shop', 'indexes': [Index(fields=['account_id', 'ended_at']), Index(fields=['expires_at'])], 'pk_attr': 'id', 'table_description': 'One sign-in, from its password to its end. Its refresh tokens are a family.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RefreshToken',
            fields=[
                ('hash', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('sign_in', fields.ForeignKeyField('shop.SignInRow', source_field='sign_in_id', db_constraint=True, to_field='id', related_name='refresh_tokens', on_delete=OnDelete.CASCADE)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'refresh_tokens', 'app': 'shop', 'pk_attr': 'hash', 'table_description': 'One link of a sign-in. The secret itself is not kept.'},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='Account',
            options={'table': 'accounts', 'app': 'shop', 'unique_together': (('issuer', 'outside_subject'),), 'indexes': [Index(fields=['disabled_at'])], 'pk_attr': 'id', 'table_description': 'A person who signs in. One of the role seller or affiliate acts for a row of that table.'},
        ),
        ops.AddField(
            model_name='Account',
            name='acts_for',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='Account',
            name='disabled_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Account',
            name='issuer',
            field=fields.CharField(null=True, max_length=500),
        ),
        ops.AddField(
            model_name='Account',
            name='name',
            field=fields.CharField(null=True, unique=True, max_length=64),
        ),
        ops.AddField(
            model_name='Account',
            name='outside_subject',
            field=fields.CharField(null=True, max_length=255),
        ),
        ops.AddField(
            model_name='Account',
            name='password_hash',
            field=fields.CharField(null=True, max_length=255),
        ),
        ops.AddIndex(
            model_name='Account',
            index=Index(fields=['disabled_at']),
        ),
        ops.AddConstraint(
            model_name='Account',
            constraint=UniqueConstraint(fields=('issuer', 'outside_subject'), name=None),
        ),
    ]
