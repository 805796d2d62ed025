from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from backend.domain.moderation.registers import FacetKind
from json import dumps, loads
from shared.moderation import ActClient, ActKind, MessageKind, MessageState, Reach
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from backend.storage.columns import DropColumn

class Migration(migrations.Migration):
    dependencies = [('shop', '0004_identity')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AppointmentRow',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('account_id', fields.CharField(max_length=64)),
                ('stream_id', fields.CharField(null=True, max_length=64)),
                ('seller_id', fields.CharField(null=True, max_length=64)),
                ('capabilities', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('rank', fields.IntField()),
                ('appointed_by', fields.CharField(max_length=64)),
                ('appointed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'appointments', 'app': 'shop', 'indexes': [Index(fields=['account_id']), Index(fields=['ended_at'])], 'pk_attr': 'id', 'table_description': "What makes an account a moderator of one stream, of a seller's streams, or of all."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Follow',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('streamer_id', fields.CharField(max_length=64)),
                ('follower_id', fields.CharField(max_length=64)),
                ('notified', fields.BooleanField(default=True, db_default=True)),
                ('followed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'follows', 'app': 'shop', 'unique_together': (('streamer_id', 'follower_id'),), 'pk_attr': 'id', 'table_description': 'Somebody follows a host.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ModerationAct',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('stream', fields.ForeignKeyField('shop.LiveStream', source_field='stream_id', db_constraint=True, to_field='id', related_name='acts', on_delete=OnDelete.RESTRICT)),
                ('seq', fields.BigIntField()),
                ('kind', fields.CharEnumField(description='DELETE: delete\nRESTORE: restore\nAPPROVE: approve\nDENY: deny\nTIMEOUT: timeout\nUNTIMEOUT: untimeout\nBAN: ban\nUNBAN: unban\nWARN: warn\nTRUST: trust\nDISTRUST: distrust\nMODE: mode\nPIN: pin\nUNPIN: unpin\nANNOUNCE: announce\nSTAFF_NOTE: staff_note\nPERSON_NOTE: person_note\nSWEEP: sweep\nSHIELD: shield\nACKNOWLEDGE: acknowledge\nUNDO: undo', enum_type=ActKind, max_length=20)),
                ('reach', fields.CharEnumField(description='STREAM: stream\nSELLER: seller\nEVERYWHERE: everywhere', enum_type=Reach, max_length=20)),
                ('actor_id', fields.CharField(max_length=64)),
                ('actor_name', fields.CharField(max_length=200)),
                ('actor_rank', fields.IntField()),
                ('client', fields.CharEnumField(description='REST: rest\nSOCKET: socket\nCONSOLE: console\nSERVER: server', enum_type=ActClient, max_length=20)),
                ('subject_id', fields.CharField(null=True, max_length=64)),
                ('subject_name', fields.CharField(null=True, max_length=200)),
                ('reason', fields.CharField(null=True, max_length=500)),
                ('details', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('ends_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'moderation_acts', 'app': 'shop', 'indexes': [Index(fields=['stream_id', 'id']), Index(fields=['subject_id', 'id']), Index(fields=['actor_id', 'id'])], 'pk_attr': 'id', 'table_description': 'Something that a moderator did. Rows are only ever added: an undo is an act of its own.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ModerationWrite',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('act', fields.ForeignKeyField('shop.ModerationAct', source_field='act_id', db_constraint=True, to_field='id', related_name='writes', on_delete=OnDelete.RESTRICT)),
                ('place', fields.CharField(max_length=80)),
                ('facet', fields.CharEnumField(description='ACT: act\nBAN: ban\nTIMEOUT: timeout\nWARNING: warning\nTRUST: trust\nMODE: mode\nPIN: pin\nMESSAGE: message', enum_type=FacetKind, max_length=20)),
                ('key', fields.CharField(max_length=64)),
                ('value', fields.TextField(null=True, unique=False)),
                ('lapses_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'moderation_writes', 'app': 'shop', 'indexes': [Index(fields=['place', 'facet', 'key']), Index(fields=['facet', 'key']), Index(fields=['act_id'])], 'pk_attr': 'id', 'table_description': "One register's new value, written by an act. Rows are only ever added."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='UnbanRequest',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('stream_id', fields.CharField(max_length=64)),
                ('person_id', fields.CharField(max_length=64)),
                ('person_name', fields.CharField(max_length=200)),
                ('text', fields.CharField(max_length=1000)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('granted', fields.BooleanField(null=True)),
                ('answer', fields.CharField(null=True, max_length=500)),
                ('answered_by', fields.CharField(null=True, max_length=64)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'unban_requests', 'app': 'shop', 'indexes': [Index(fields=['stream_id', 'id']), Index(fields=['person_id', 'id'])], 'pk_attr': 'id', 'table_description': 'Somebody who is banned asks to be let in again.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='AuditEntry',
            name='after',
            field=fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.AddField(
            model_name='AuditEntry',
            name='before',
            field=fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.AddField(
            model_name='AuditEntry',
            name='client',
            field=fields.CharEnumField(null=True, description='REST: rest\nSOCKET: socket\nCONSOLE: console\nSERVER: server', enum_type=ActClient, max_length=20),
        ),
        ops.AddField(
            model_name='AuditEntry',
            name='reason',
            field=fields.CharField(null=True, max_length=500),
        ),
        ops.AddIndex(
            model_name='AuditEntry',
            index=Index(fields=['actor_id', 'id']),
        ),
        ops.AddIndex(
            model_name='AuditEntry',
            index=Index(fields=['subject_id', 'id']),
        ),
        ops.AlterModelOptions(
            name='LiveStreamMessage',
            options={'table': 'live_stream_messages', 'app': 'shop', 'unique_together': (('stream_id', 'seq'),), 'indexes': [Index(fields=['stream_id', 'sent_at']), Index(fields=['stream_id', 'author_id', 'seq']), Index(fields=['stream_id', 'state', 'seq'])], 'pk_attr': 'id', 'table_description': 'A line of the chat. Whatever becomes of it, it stays as a row, and acts decide who sees it.'},
        ),
        ops.AddField(
            model_name='LiveStreamMessage',
            name='address_hash',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='LiveStreamMessage',
            name='first_state',
            field=fields.CharEnumField(default=MessageState.SHOWN, description='SHOWN: shown\nHELD: held\nDENIED: denied\nREMOVED: removed', db_default=MessageState.SHOWN, enum_type=MessageState, max_length=20),
        ),
        ops.AddField(
            model_name='LiveStreamMessage',
            name='held_for',
            field=fields.CharField(null=True, max_length=500),
        ),
        ops.AddField(
            model_name='LiveStreamMessage',
            name='kind',
            field=fields.CharEnumField(default=MessageKind.CHAT, description='CHAT: chat\nANNOUNCEMENT: announcement\nSTAFF_NOTE: staff_note', db_default=MessageKind.CHAT, enum_type=MessageKind, max_length=20),
        ),
        ops.AddField(
            model_name='LiveStreamMessage',
            name='state',
            field=fields.CharEnumField(default=MessageState.SHOWN, description='SHOWN: shown\nHELD: held\nDENIED: denied\nREMOVED: removed', db_default=MessageState.SHOWN, enum_type=MessageState, max_length=20),
        ),
        # What was deleted before there were acts has no act that could be undone.
        ops.RunSQL(
            "UPDATE live_stream_messages SET state = 'removed', first_state = 'removed' WHERE deleted_at IS NOT NULL"
        ),
        DropColumn(model_name='LiveStreamMessage', name='deleted_at'),
        DropColumn(model_name='LiveStreamMessage', name='deleted_by'),
        ops.AddIndex(
            model_name='LiveStreamMessage',
            index=Index(fields=['stream_id', 'author_id', 'seq']),
        ),
        ops.AddIndex(
            model_name='LiveStreamMessage',
            index=Index(fields=['stream_id', 'state', 'seq']),
        ),
        ops.AddField(
            model_name='LiveStreamViewer',
            name='address_hash',
            field=fields.CharField(null=True, max_length=64),
        ),
    ]
