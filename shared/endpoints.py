"""Every REST operation once: the backend serves this table, the console calls it, OpenAPI prints it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from shared import commands as c
from shared import views as v
from shared.problems import Code
from shared.roles import Extra, Permission, Target

R = TypeVar("R")

BASE_PATH = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Generic[R]):
    """One REST operation."""

    name: str
    """Its OpenAPI operation id."""
    method: str
    path: str
    """With `{parameters}`, below the base path."""
    summary: str
    tag: str
    returns: Any
    """The type that its answer is read as."""
    or_returns: tuple[Any, ...] = ()
    """What it answers besides, to callers with more right or other parameters."""
    body: type[Any] | None = None
    body_optional: bool = False
    signed_body: type[Any] | None = None
    """A body that its handler reads raw, since a signature covers its bytes."""
    query: type[Any] | None = None
    idempotent: bool = False
    """Whether it takes an Idempotency-Key: the same key and body get the same answer."""
    needs: Permission | None = None
    """The right that it takes; None is public."""
    target: Target | None = None
    """What the right must reach, named by the path or the body; None where it acts on nothing in particular."""
    listing: bool = False
    """Whether it answers about all targets within the caller's reach: others are left out, not refused."""
    extras: tuple[Extra, ...] = ()
    """What it shows or does besides, for those who may."""
    status: HTTPStatus = HTTPStatus.OK
    problems: tuple[Code, ...] = ()
    """Refusals beyond the general ones."""
    base: str = BASE_PATH
    aliases: tuple[str, ...] = ()
    """Further paths that answer the same."""

    def url(self, **parameters: str) -> str:
        """The path with its parameters filled in, base path included."""
        return self.base + self.path.format(**parameters)


_STREAM_ALIAS = "/live/affiliate/streams/{stream_id}"
STREAMS, CHAT, PRODUCTS, PEOPLE = "Live streams", "Chat", "Products", "People"
MODERATION, ORDERS, LEDGER, SYSTEM, IDENTITY = "Moderation", "Orders", "Ledger", "System", "Identity"
_CREATED = HTTPStatus.CREATED
_ACTING = (Code.NOT_FOUND, Code.OUTRANKED, Code.AMBIGUOUS, Code.CONFLICT, Code.IDEMPOTENCY_KEY_REUSED)
"""How an act may be refused."""

CREATE_SELLER_STREAM: Endpoint[v.HostStreamView] = Endpoint(
    name="createSellerStream",
    method="POST",
    path="/live/streams",
    tag=STREAMS,
    summary="Create a seller's stream",
    body=c.CreateSellerStream,
    returns=v.HostStreamView,
    needs=Permission.HOST_SELLER_STREAM,
    target=Target.SELLER,
    status=_CREATED,
    problems=(Code.UNKNOWN_SUBJECT,),
)
CREATE_AFFILIATE_STREAM: Endpoint[v.HostStreamView] = Endpoint(
    name="createAffiliateStream",
    method="POST",
    path="/live/affiliate/streams",
    tag=STREAMS,
    summary="Create an affiliate's stream with a seller's products",
    body=c.CreateAffiliateStream,
    returns=v.HostStreamView,
    needs=Permission.HOST_AFFILIATE_STREAM,
    target=Target.AFFILIATE,
    status=_CREATED,
    problems=(Code.UNKNOWN_SUBJECT, Code.AFFILIATE_NOT_APPROVED, Code.NOT_FOUND),
)
LIST_OWN_STREAMS: Endpoint[list[v.StreamView]] = Endpoint(
    name="listOwnStreams",
    method="GET",
    path="/live/streams",
    tag=STREAMS,
    summary="The caller's own streams, newest first: those they host or moderate; all for ops and admins",
    returns=list[v.StreamView],
    or_returns=(list[v.HostStreamView],),
    needs=Permission.READ_STATS,
    target=Target.STREAM,
    listing=True,
    extras=(Extra(needs=Permission.RUN_STREAM, target=Target.STREAM, what="with its key"),),
    aliases=("/live/affiliate/streams",),
)
LIST_ACTIVE_STREAMS: Endpoint[list[v.StreamView]] = Endpoint(
    name="listActiveStreams",
    method="GET",
    path="/live/streams/active",
    tag=STREAMS,
    summary="Streams that are live, most watched first; with page or limit, a page of them",
    query=c.ActiveStreamsQuery,
    returns=list[v.StreamView],
    or_returns=(v.ActiveStreamsPage,),
)
GET_STREAM: Endpoint[v.StreamView] = Endpoint(
    name="getStream",
    method="GET",
    path="/live/streams/{stream_id}",
    tag=STREAMS,
    summary="A stream; its host and admins also see its key",
    returns=v.StreamView,
    or_returns=(v.HostStreamView,),
    target=Target.STREAM,
    extras=(
        Extra(needs=Permission.READ_STATS, target=Target.STREAM, what="its true figures and hidden products"),
        Extra(needs=Permission.RUN_STREAM, target=Target.STREAM, what="its key"),
    ),
    problems=(Code.NOT_FOUND,),
    aliases=(_STREAM_ALIAS,),
)
START_STREAM: Endpoint[v.HostStreamView] = Endpoint(
    name="startStream",
    method="POST",
    path="/live/streams/{stream_id}/start",
    tag=STREAMS,
    summary="Go live; without video the stream's health says so",
    returns=v.HostStreamView,
    needs=Permission.RUN_STREAM,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND, Code.STREAM_LIVE, Code.STREAM_OVER),
    aliases=(f"{_STREAM_ALIAS}/start",),
)
END_STREAM: Endpoint[v.HostStreamView] = Endpoint(
    name="endStream",
    method="POST",
    path="/live/streams/{stream_id}/end",
    tag=STREAMS,
    summary="End the show and cut its publisher; final",
    returns=v.HostStreamView,
    needs=Permission.RUN_STREAM,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND, Code.STREAM_NOT_LIVE),
    aliases=(f"{_STREAM_ALIAS}/end",),
)
GET_OBS_SETUP: Endpoint[v.ObsSetupView] = Endpoint(
    name="getObsSetup",
    method="GET",
    path="/live/streams/{stream_id}/obs-setup",
    tag=STREAMS,
    summary="What to type into OBS",
    returns=v.ObsSetupView,
    needs=Permission.RUN_STREAM,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND, Code.STREAM_OVER),
    aliases=(f"{_STREAM_ALIAS}/obs-setup",),
)
REGENERATE_KEY: Endpoint[v.StreamKeyView] = Endpoint(
    name="regenerateStreamKey",
    method="POST",
    path="/live/streams/{stream_id}/regenerate-key",
    tag=STREAMS,
    summary="Replace the stream key; the old one stops working at once",
    returns=v.StreamKeyView,
    needs=Permission.RUN_STREAM,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND, Code.STREAM_LIVE, Code.STREAM_OVER),
    aliases=(f"{_STREAM_ALIAS}/regenerate-key",),
)
GET_STATS: Endpoint[v.StatsView] = Endpoint(
    name="getStreamStats",
    method="GET",
    path="/live/streams/{stream_id}/stats",
    tag=STREAMS,
    summary="A stream's figures",
    returns=v.StatsView,
    needs=Permission.READ_STATS,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND,),
    aliases=(f"{_STREAM_ALIAS}/stats",),
)
LIST_STREAM_PRODUCTS: Endpoint[list[v.StreamProductView]] = Endpoint(
    name="listStreamProducts",
    method="GET",
    path="/live/streams/{stream_id}/products",
    tag=PRODUCTS,
    summary="A stream's products by position: the active ones, for its staff all",
    returns=list[v.StreamProductView],
    target=Target.STREAM,
    extras=(Extra(needs=Permission.READ_STATS, target=Target.STREAM, what="its hidden products and their revenue"),),
    problems=(Code.NOT_FOUND,),
    aliases=(f"{_STREAM_ALIAS}/products",),
)
ADD_STREAM_PRODUCT: Endpoint[v.StreamProductView] = Endpoint(
    name="addStreamProduct",
    method="POST",
    path="/live/streams/{stream_id}/products",
    tag=PRODUCTS,
    summary="Feature a product, of the catalogue or new, in a stream",
    body=c.AddStreamProduct,
    returns=v.StreamProductView,
    needs=Permission.EDIT_PRODUCTS,
    target=Target.STREAM,
    status=_CREATED,
    problems=(Code.NOT_FOUND, Code.ALREADY_EXISTS, Code.WRONG_CURRENCY, Code.STREAM_OVER),
    aliases=(f"{_STREAM_ALIAS}/products",),
)
TOGGLE_STREAM_PRODUCT: Endpoint[v.StreamProductView] = Endpoint(
    name="toggleStreamProduct",
    method="PUT",
    path="/live/streams/{stream_id}/products/{product_id}/toggle",
    tag=PRODUCTS,
    summary="Show or hide a product: flips it, or sets it with a body",
    body=c.ToggleStreamProduct,
    body_optional=True,
    returns=v.StreamProductView,
    needs=Permission.TOGGLE_PRODUCTS,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND, Code.PRODUCT_NOT_IN_STREAM),
    aliases=(_STREAM_ALIAS + "/products/{product_id}/toggle",),
)
LIST_MESSAGES: Endpoint[list[v.ChatMessageView]] = Endpoint(
    name="listMessages",
    method="GET",
    path="/live/streams/{stream_id}/messages",
    tag=CHAT,
    summary="The newest messages, oldest first, without deleted ones",
    query=c.MessagesQuery,
    returns=list[v.ChatMessageView],
    problems=(Code.NOT_FOUND,),
    aliases=(f"{_STREAM_ALIAS}/messages",),
)
POST_MESSAGE: Endpoint[v.ChatMessageView] = Endpoint(
    name="postMessage",
    method="POST",
    path="/live/streams/{stream_id}/messages",
    tag=CHAT,
    summary="Say something in a stream",
    body=c.PostMessage,
    returns=v.ChatMessageView,
    needs=Permission.CHAT,
    target=Target.STREAM,
    status=_CREATED,
    problems=(Code.NOT_FOUND, Code.EMPTY_MESSAGE, Code.RATE_LIMITED, Code.STREAM_OVER),
    aliases=(f"{_STREAM_ALIAS}/messages",),
)
DELETE_MESSAGE: Endpoint[c.MessageDeletedAck] = Endpoint(
    name="deleteMessage",
    method="DELETE",
    path="/live/streams/{stream_id}/messages/{message_id}",
    tag=CHAT,
    summary="Take a message away",
    returns=c.MessageDeletedAck,
    needs=Permission.MODERATE,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND,),
    aliases=(_STREAM_ALIAS + "/messages/{message_id}",),
)
PERFORM_ACT: Endpoint[v.ActView] = Endpoint(
    name="performAct",
    method="POST",
    path="/live/streams/{stream_id}/acts",
    tag=MODERATION,
    summary="Moderate: every kind of act; the same Idempotency-Key gives the same act",
    body=c.Act,
    returns=v.ActView,
    idempotent=True,
    needs=Permission.MODERATE,
    target=Target.STREAM,
    status=_CREATED,
    problems=_ACTING,
    aliases=(f"{_STREAM_ALIAS}/acts",),
)
LIST_ACTS: Endpoint[v.Page[v.ActView]] = Endpoint(
    name="listActs",
    method="GET",
    path="/live/streams/{stream_id}/acts",
    tag=MODERATION,
    summary="A stream's acts, newest first: who did what to whom, why, and whether it was undone",
    query=c.ActsQuery,
    returns=v.Page[v.ActView],
    needs=Permission.READ_AUDIT,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND,),
    aliases=(f"{_STREAM_ALIAS}/acts",),
)
UNDO_ACT: Endpoint[v.ActView] = Endpoint(
    name="undoAct",
    method="POST",
    path="/live/streams/{stream_id}/acts/{act_id}/undo",
    tag=MODERATION,
    summary="Make an act as if it had not been: its author, or a higher rank",
    body=c.UndoActs,
    body_optional=True,
    returns=v.ActView,
    idempotent=True,
    needs=Permission.MODERATE,
    target=Target.STREAM,
    status=_CREATED,
    problems=_ACTING,
    aliases=(f"{_STREAM_ALIAS}/acts/{{act_id}}/undo",),
)
TIMEOUT_PERSON: Endpoint[v.ActView] = Endpoint(
    name="timeoutPerson",
    method="POST",
    path="/live/streams/{stream_id}/timeout",
    tag=MODERATION,
    summary="Silence a person for some seconds",
    body=c.TimeoutPerson,
    returns=v.ActView,
    idempotent=True,
    needs=Permission.MODERATE,
    target=Target.STREAM,
    problems=_ACTING,
    aliases=(f"{_STREAM_ALIAS}/timeout",),
)
BAN_PERSON: Endpoint[v.ActView] = Endpoint(
    name="banPerson",
    method="POST",
    path="/live/streams/{stream_id}/ban",
    tag=MODERATION,
    summary="Shut a person out of a stream",
    body=c.BanPerson,
    returns=v.ActView,
    idempotent=True,
    needs=Permission.MODERATE,
    target=Target.STREAM,
    problems=_ACTING,
    aliases=(f"{_STREAM_ALIAS}/ban",),
)
UNBAN_PERSON: Endpoint[v.ActView] = Endpoint(
    name="unbanPerson",
    method="POST",
    path="/live/streams/{stream_id}/unban",
    tag=MODERATION,
    summary="Let a banned person in again",
    body=c.Someone,
    returns=v.ActView,
    idempotent=True,
    needs=Permission.MODERATE,
    target=Target.STREAM,
    problems=_ACTING,
    aliases=(f"{_STREAM_ALIAS}/unban",),
)
LIST_MODERATED_MESSAGES: Endpoint[v.Page[v.StaffMessageView]] = Endpoint(
    name="listModeratedMessages",
    method="GET",
    path="/live/streams/{stream_id}/moderation/messages",
    tag=MODERATION,
    summary="A stream's messages whatever became of them, newest first; state=held is the hold queue",
    query=c.ModeratedQuery,
    returns=v.Page[v.StaffMessageView],
    needs=Permission.READ_AUDIT,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND,),
)
GET_PERSON: Endpoint[v.PersonView] = Endpoint(
    name="getPerson",
    method="GET",
    path="/live/streams/{stream_id}/people/{user_id}",
    tag=MODERATION,
    summary="A person's card: what they said, what was done about them, what they bought, who shares their address",
    returns=v.PersonView,
    needs=Permission.READ_AUDIT,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND,),
)
GET_CHAT_MODES: Endpoint[list[v.ChatModeView]] = Endpoint(
    name="getChatModes",
    method="GET",
    path="/live/streams/{stream_id}/chat-modes",
    tag=CHAT,
    summary="How a stream's chat is narrowed now",
    returns=list[v.ChatModeView],
    problems=(Code.NOT_FOUND,),
)
ACKNOWLEDGE_WARNING: Endpoint[list[v.ChatModeView]] = Endpoint(
    name="acknowledgeWarning",
    method="POST",
    path="/live/streams/{stream_id}/warning/acknowledge",
    tag=CHAT,
    summary="Take note of one's own warning, and write again; the chat's modes",
    returns=list[v.ChatModeView],
    needs=Permission.CHAT,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND, Code.CONFLICT),
)
ASK_UNBAN: Endpoint[v.UnbanRequestView] = Endpoint(
    name="askUnban",
    method="POST",
    path="/live/streams/{stream_id}/unban-requests",
    tag=MODERATION,
    summary="Ask to be let in again",
    body=c.AskUnban,
    returns=v.UnbanRequestView,
    needs=Permission.CHAT,
    target=Target.STREAM,
    status=_CREATED,
    problems=(Code.NOT_FOUND, Code.CONFLICT, Code.ALREADY_EXISTS),
)
LIST_UNBAN_REQUESTS: Endpoint[v.Page[v.UnbanRequestView]] = Endpoint(
    name="listUnbanRequests",
    method="GET",
    path="/live/streams/{stream_id}/unban-requests",
    tag=MODERATION,
    summary="Who asks to be let in again, newest first",
    query=c.PageQuery,
    returns=v.Page[v.UnbanRequestView],
    needs=Permission.MODERATE,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND,),
)
ANSWER_UNBAN: Endpoint[v.UnbanRequestView] = Endpoint(
    name="answerUnban",
    method="POST",
    path="/live/streams/{stream_id}/unban-requests/{request_id}/answer",
    tag=MODERATION,
    summary="Answer a request; granting it unbans",
    body=c.AnswerUnban,
    returns=v.UnbanRequestView,
    needs=Permission.MODERATE,
    target=Target.STREAM,
    problems=_ACTING,
)
APPOINT: Endpoint[v.AppointmentView] = Endpoint(
    name="appointModerator",
    method="POST",
    path="/moderators",
    tag=MODERATION,
    summary="Make an account a moderator: of one stream, of a seller's streams, or of all",
    body=c.Appoint,
    returns=v.AppointmentView,
    needs=Permission.APPOINT,
    target=Target.STREAM,
    status=_CREATED,
    problems=(Code.NOT_FOUND,),
)
LIST_APPOINTMENTS: Endpoint[v.Page[v.AppointmentView]] = Endpoint(
    name="listModerators",
    method="GET",
    path="/moderators",
    tag=MODERATION,
    summary="Who is a moderator of the caller's streams; of all for admins",
    query=c.PageQuery,
    returns=v.Page[v.AppointmentView],
    needs=Permission.APPOINT,
    target=Target.STREAM,
    listing=True,
)
DISMISS: Endpoint[v.AppointmentView] = Endpoint(
    name="dismissModerator",
    method="DELETE",
    path="/moderators/{appointment_id}",
    tag=MODERATION,
    summary="End an appointment",
    returns=v.AppointmentView,
    needs=Permission.APPOINT,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND,),
)
LIST_AUDIT: Endpoint[v.Page[v.AuditView]] = Endpoint(
    name="listAudit",
    method="GET",
    path="/audit",
    tag=MODERATION,
    summary="The audit log of the caller's streams, newest first; all of it for ops and admins",
    query=c.AuditQuery,
    returns=v.Page[v.AuditView],
    needs=Permission.READ_AUDIT,
    target=Target.STREAM,
    listing=True,
)
EXPORT_AUDIT: Endpoint[v.Page[v.AuditView]] = Endpoint(
    name="exportAudit",
    method="GET",
    path="/audit/export",
    tag=MODERATION,
    summary="The audit log as CSV, or as JSON lines",
    query=c.AuditExportQuery,
    returns=v.Page[v.AuditView],
    needs=Permission.READ_AUDIT,
    target=Target.STREAM,
    listing=True,
)
FOLLOW: Endpoint[v.FollowView] = Endpoint(
    name="follow",
    method="POST",
    path="/streamers/{streamer_id}/follow",
    tag=PEOPLE,
    summary="Follow a host",
    returns=v.FollowView,
    needs=Permission.WATCH,
    problems=(Code.NOT_FOUND,),
)
UNFOLLOW: Endpoint[v.FollowView] = Endpoint(
    name="unfollow",
    method="DELETE",
    path="/streamers/{streamer_id}/follow",
    tag=PEOPLE,
    summary="No longer follow a host",
    returns=v.FollowView,
    needs=Permission.WATCH,
    problems=(Code.NOT_FOUND,),
)
IS_FOLLOWING: Endpoint[v.FollowView] = Endpoint(
    name="isFollowing",
    method="GET",
    path="/streamers/{streamer_id}/is-following",
    tag=PEOPLE,
    summary="Whether the caller follows a host",
    returns=v.FollowView,
    needs=Permission.WATCH,
    problems=(Code.NOT_FOUND,),
)
SET_NOTIFICATIONS: Endpoint[v.FollowView] = Endpoint(
    name="setFollowNotifications",
    method="PUT",
    path="/streamers/{streamer_id}/notifications",
    tag=PEOPLE,
    summary="Whether the caller is told when a host goes live",
    body=c.FollowNotifications,
    returns=v.FollowView,
    needs=Permission.WATCH,
    problems=(Code.NOT_FOUND, Code.CONFLICT),
)
CREATE_GUEST: Endpoint[v.GuestView] = Endpoint(
    name="createGuest",
    method="POST",
    path="/guest",
    tag=SYSTEM,
    summary="A signed guest identity; where it is sent, it beats a sessionId",
    returns=v.GuestView,
    status=_CREATED,
)
SIGN_UP: Endpoint[v.SignedInView] = Endpoint(
    name="signUp",
    method="POST",
    path="/auth/sign-up",
    tag=IDENTITY,
    summary="Make a viewer's account and sign in, unless the installation has closed this",
    body=c.SignUp,
    returns=v.SignedInView,
    status=_CREATED,
    problems=(Code.ALREADY_EXISTS, Code.FORBIDDEN, Code.RATE_LIMITED, Code.UNAVAILABLE),
)
SIGN_IN: Endpoint[v.SignedInView] = Endpoint(
    name="signIn",
    method="POST",
    path="/auth/sign-in",
    tag=IDENTITY,
    summary="Sign in by name and password",
    body=c.SignIn,
    returns=v.SignedInView,
    problems=(Code.RATE_LIMITED, Code.UNAVAILABLE),
)
REFRESH_SIGN_IN: Endpoint[v.SignedInView] = Endpoint(
    name="refreshSignIn",
    method="POST",
    path="/auth/refresh",
    tag=IDENTITY,
    summary="A new pair of tokens for a refresh token; one used twice ends the sign-in",
    body=c.RefreshSignIn,
    returns=v.SignedInView,
)
SIGN_OUT: Endpoint[c.Done] = Endpoint(
    name="signOut",
    method="POST",
    path="/auth/sign-out",
    tag=IDENTITY,
    summary="End a sign-in: its tokens count no more and its sockets are cut",
    body=c.SignOut,
    body_optional=True,
    returns=c.Done,
    problems=(Code.CONFLICT,),
)
CHANGE_PASSWORD: Endpoint[c.Done] = Endpoint(
    name="changePassword",
    method="PUT",
    path="/auth/password",
    tag=IDENTITY,
    summary="Change one's password; every other sign-in of the account ends",
    body=c.ChangePassword,
    returns=c.Done,
    problems=(Code.CONFLICT, Code.FORBIDDEN, Code.RATE_LIMITED, Code.UNAVAILABLE),
)
GET_IDENTITY: Endpoint[v.IdentityView] = Endpoint(
    name="getIdentity",
    method="GET",
    path="/auth/me",
    tag=IDENTITY,
    summary="Whom the token names and what it may do",
    returns=v.IdentityView,
)
CREATE_API_TOKEN: Endpoint[v.NewApiTokenView] = Endpoint(
    name="createApiToken",
    method="POST",
    path="/tokens",
    tag=IDENTITY,
    summary="A token for a program of one's own, with some of one's permissions; it is shown only now",
    body=c.CreateApiToken,
    returns=v.NewApiTokenView,
    status=_CREATED,
    problems=(Code.CONFLICT, Code.FORBIDDEN),
)
LIST_API_TOKENS: Endpoint[v.Page[v.ApiTokenView]] = Endpoint(
    name="listApiTokens",
    method="GET",
    path="/tokens",
    tag=IDENTITY,
    summary="One's own API tokens, newest first; an admin names another account",
    query=c.ApiTokensQuery,
    returns=v.Page[v.ApiTokenView],
    problems=(Code.CONFLICT, Code.FORBIDDEN),
)
REVOKE_TOKEN: Endpoint[c.Done] = Endpoint(
    name="revokeToken",
    method="DELETE",
    path="/tokens/{token_id}",
    tag=IDENTITY,
    summary="Revoke an API token by its id, at once; an admin also any signed token by its jti",
    returns=c.Done,
)
CREATE_ACCOUNT: Endpoint[v.AccountView] = Endpoint(
    name="createAccount",
    method="POST",
    path="/accounts",
    tag=PEOPLE,
    summary="Register a person who signs in",
    body=c.CreateAccount,
    returns=v.AccountView,
    needs=Permission.MANAGE_PEOPLE,
    status=_CREATED,
    problems=(Code.ALREADY_EXISTS, Code.NOT_FOUND, Code.UNAVAILABLE),
)
LIST_ACCOUNTS: Endpoint[v.Page[v.AccountView]] = Endpoint(
    name="listAccounts",
    method="GET",
    path="/accounts",
    tag=PEOPLE,
    summary="Accounts, oldest first",
    query=c.PageQuery,
    returns=v.Page[v.AccountView],
    needs=Permission.MANAGE_PEOPLE,
)
GET_ACCOUNT: Endpoint[v.AccountView] = Endpoint(
    name="getAccount",
    method="GET",
    path="/accounts/{account_id}",
    tag=PEOPLE,
    summary="An account",
    returns=v.AccountView,
    needs=Permission.MANAGE_PEOPLE,
    target=Target.ACCOUNT,
    problems=(Code.NOT_FOUND,),
)
DISABLE_ACCOUNT: Endpoint[v.AccountView] = Endpoint(
    name="disableAccount",
    method="POST",
    path="/accounts/{account_id}/disable",
    tag=PEOPLE,
    summary="Shut an account out at once: its tokens, sign-ins and open sockets",
    returns=v.AccountView,
    needs=Permission.MANAGE_PEOPLE,
    target=Target.ACCOUNT,
    problems=(Code.NOT_FOUND, Code.CONFLICT),
)
ENABLE_ACCOUNT: Endpoint[v.AccountView] = Endpoint(
    name="enableAccount",
    method="POST",
    path="/accounts/{account_id}/enable",
    tag=PEOPLE,
    summary="Let an account in again; it has to sign in anew",
    returns=v.AccountView,
    needs=Permission.MANAGE_PEOPLE,
    target=Target.ACCOUNT,
    problems=(Code.NOT_FOUND,),
)
SET_PASSWORD: Endpoint[v.AccountView] = Endpoint(
    name="setPassword",
    method="PUT",
    path="/accounts/{account_id}/password",
    tag=PEOPLE,
    summary="Give an account a new password; every sign-in of it ends",
    body=c.SetPassword,
    returns=v.AccountView,
    needs=Permission.MANAGE_PEOPLE,
    target=Target.ACCOUNT,
    problems=(Code.NOT_FOUND, Code.CONFLICT, Code.ALREADY_EXISTS, Code.UNAVAILABLE),
)
CREATE_SELLER: Endpoint[v.SellerView] = Endpoint(
    name="createSeller",
    method="POST",
    path="/sellers",
    tag=PEOPLE,
    summary="Register a seller",
    body=c.CreateSeller,
    returns=v.SellerView,
    needs=Permission.MANAGE_PEOPLE,
    status=_CREATED,
    problems=(Code.ALREADY_EXISTS,),
)
LIST_SELLERS: Endpoint[v.Page[v.SellerView]] = Endpoint(
    name="listSellers",
    method="GET",
    path="/sellers",
    tag=PEOPLE,
    summary="Sellers, oldest first",
    query=c.PageQuery,
    returns=v.Page[v.SellerView],
)
GET_SELLER: Endpoint[v.SellerView] = Endpoint(
    name="getSeller",
    method="GET",
    path="/sellers/{seller_id}",
    tag=PEOPLE,
    summary="A seller",
    returns=v.SellerView,
    problems=(Code.NOT_FOUND,),
)
UPDATE_SELLER: Endpoint[v.SellerView] = Endpoint(
    name="updateSeller",
    method="PUT",
    path="/sellers/{seller_id}",
    tag=PEOPLE,
    summary="Edit a seller: itself or an admin",
    body=c.UpdateSeller,
    returns=v.SellerView,
    needs=Permission.EDIT_PROFILE,
    target=Target.SELLER,
    problems=(Code.NOT_FOUND, Code.CONFLICT),
)
CREATE_AFFILIATE: Endpoint[v.AffiliateView] = Endpoint(
    name="createAffiliate",
    method="POST",
    path="/affiliates",
    tag=PEOPLE,
    summary="Register an affiliate, pending until approved",
    body=c.CreateAffiliate,
    returns=v.AffiliateView,
    needs=Permission.MANAGE_PEOPLE,
    status=_CREATED,
    problems=(Code.ALREADY_EXISTS,),
)
LIST_AFFILIATES: Endpoint[v.Page[v.AffiliateView]] = Endpoint(
    name="listAffiliates",
    method="GET",
    path="/affiliates",
    tag=PEOPLE,
    summary="Affiliates, oldest first: all for ops and admins, itself for an affiliate",
    query=c.PageQuery,
    returns=v.Page[v.AffiliateView],
    needs=Permission.READ_AFFILIATES,
    target=Target.AFFILIATE,
    listing=True,
)
GET_AFFILIATE: Endpoint[v.AffiliateView] = Endpoint(
    name="getAffiliate",
    method="GET",
    path="/affiliates/{affiliate_id}",
    tag=PEOPLE,
    summary="An affiliate: itself, ops or an admin",
    returns=v.AffiliateView,
    needs=Permission.READ_AFFILIATES,
    target=Target.AFFILIATE,
    problems=(Code.NOT_FOUND,),
)
UPDATE_AFFILIATE: Endpoint[v.AffiliateView] = Endpoint(
    name="updateAffiliate",
    method="PUT",
    path="/affiliates/{affiliate_id}",
    tag=PEOPLE,
    summary="Edit an affiliate: itself or an admin; the commission rate is an admin's",
    body=c.UpdateAffiliate,
    returns=v.AffiliateView,
    needs=Permission.EDIT_PROFILE,
    target=Target.AFFILIATE,
    extras=(Extra(needs=Permission.MANAGE_PEOPLE, target=Target.AFFILIATE, what="its `commissionRate`"),),
    problems=(Code.NOT_FOUND, Code.ALREADY_EXISTS),
)
APPROVE_AFFILIATE: Endpoint[v.AffiliateView] = Endpoint(
    name="approveAffiliate",
    method="POST",
    path="/affiliates/{affiliate_id}/approve",
    tag=PEOPLE,
    summary="Let an affiliate host and earn",
    returns=v.AffiliateView,
    needs=Permission.MANAGE_PEOPLE,
    target=Target.AFFILIATE,
    problems=(Code.NOT_FOUND,),
)
SUSPEND_AFFILIATE: Endpoint[v.AffiliateView] = Endpoint(
    name="suspendAffiliate",
    method="POST",
    path="/affiliates/{affiliate_id}/suspend",
    tag=PEOPLE,
    summary="Stop an affiliate from hosting; what its streams sell from then on is the seller's alone",
    returns=v.AffiliateView,
    needs=Permission.MANAGE_PEOPLE,
    target=Target.AFFILIATE,
    problems=(Code.NOT_FOUND,),
)
CREATE_PRODUCT: Endpoint[v.ProductView] = Endpoint(
    name="createProduct",
    method="POST",
    path="/products",
    tag=PRODUCTS,
    summary="Add a product to a seller's catalogue",
    body=c.CreateProduct,
    returns=v.ProductView,
    needs=Permission.MANAGE_CATALOGUE,
    target=Target.SELLER,
    status=_CREATED,
    problems=(Code.ALREADY_EXISTS, Code.NOT_FOUND, Code.UNKNOWN_SUBJECT),
)
LIST_PRODUCTS: Endpoint[v.Page[v.ProductView]] = Endpoint(
    name="listProducts",
    method="GET",
    path="/products",
    tag=PRODUCTS,
    summary="The catalogue, oldest first",
    query=c.ProductsQuery,
    returns=v.Page[v.ProductView],
)
GET_PRODUCT: Endpoint[v.ProductView] = Endpoint(
    name="getProduct",
    method="GET",
    path="/products/{product_id}",
    tag=PRODUCTS,
    summary="A product",
    returns=v.ProductView,
    problems=(Code.NOT_FOUND,),
)
UPDATE_PRODUCT: Endpoint[v.ProductView] = Endpoint(
    name="updateProduct",
    method="PUT",
    path="/products/{product_id}",
    tag=PRODUCTS,
    summary="Edit a product: its seller or an admin",
    body=c.UpdateProduct,
    returns=v.ProductView,
    needs=Permission.MANAGE_CATALOGUE,
    target=Target.PRODUCT,
    problems=(Code.NOT_FOUND,),
)
PLACE_ORDER: Endpoint[v.OrderView] = Endpoint(
    name="placeOrder",
    method="POST",
    path="/orders",
    tag=ORDERS,
    summary="Place an order, in a stream or outside; the same Idempotency-Key gives the same order",
    body=c.PlaceOrder,
    returns=v.OrderView,
    idempotent=True,
    needs=Permission.BUY,
    extras=(
        Extra(
            needs=Permission.MANAGE_ORDERS,
            target=Target.SELLER,
            what="its `discountAmount`, `shippingAmount` and `affiliateId`",
        ),
    ),
    status=_CREATED,
    problems=(
        Code.NOT_FOUND,
        Code.STREAM_NOT_LIVE,
        Code.PRODUCT_NOT_IN_STREAM,
        Code.PRODUCT_NOT_ACTIVE,
        Code.OUT_OF_STOCK,
        Code.IDEMPOTENCY_KEY_REUSED,
    ),
)
LIST_ORDERS: Endpoint[v.Page[v.OrderView]] = Endpoint(
    name="listOrders",
    method="GET",
    path="/orders",
    tag=ORDERS,
    summary="The caller's orders, newest first: a buyer's own, a seller's, all for admins",
    query=c.OrdersQuery,
    returns=v.Page[v.OrderView],
    needs=Permission.READ_ORDERS,
    target=Target.ORDER,
    listing=True,
)
GET_ORDER: Endpoint[v.OrderView] = Endpoint(
    name="getOrder",
    method="GET",
    path="/orders/{order_id}",
    tag=ORDERS,
    summary="An order, for its buyer, its seller and admins",
    returns=v.OrderView,
    needs=Permission.READ_ORDERS,
    target=Target.ORDER,
    problems=(Code.NOT_FOUND,),
)
PAY_ORDER: Endpoint[v.OrderView] = Endpoint(
    name="payOrder",
    method="POST",
    path="/orders/{order_id}/pay",
    tag=ORDERS,
    summary="Mark an order paid: its sale is posted",
    returns=v.OrderView,
    idempotent=True,
    needs=Permission.MANAGE_ORDERS,
    target=Target.ORDER,
    problems=(Code.NOT_FOUND, Code.CONFLICT, Code.IDEMPOTENCY_KEY_REUSED),
)
SHIP_ORDER: Endpoint[v.OrderView] = Endpoint(
    name="shipOrder",
    method="POST",
    path="/orders/{order_id}/ship",
    tag=ORDERS,
    summary="Mark a paid order shipped",
    returns=v.OrderView,
    idempotent=True,
    needs=Permission.MANAGE_ORDERS,
    target=Target.ORDER,
    problems=(Code.NOT_FOUND, Code.CONFLICT, Code.IDEMPOTENCY_KEY_REUSED),
)
DELIVER_ORDER: Endpoint[v.OrderView] = Endpoint(
    name="deliverOrder",
    method="POST",
    path="/orders/{order_id}/deliver",
    tag=ORDERS,
    summary="Mark an order delivered; its commission settles after the delay",
    returns=v.OrderView,
    idempotent=True,
    needs=Permission.MANAGE_ORDERS,
    target=Target.ORDER,
    problems=(Code.NOT_FOUND, Code.CONFLICT, Code.IDEMPOTENCY_KEY_REUSED),
)
CANCEL_ORDER: Endpoint[v.OrderView] = Endpoint(
    name="cancelOrder",
    method="POST",
    path="/orders/{order_id}/cancel",
    tag=ORDERS,
    summary="Cancel an order: its buyer before it is paid, its seller and admins before it is shipped",
    body=c.CancelOrder,
    body_optional=True,
    returns=v.OrderView,
    idempotent=True,
    needs=Permission.CANCEL_ORDERS,
    target=Target.ORDER,
    extras=(Extra(needs=Permission.MANAGE_ORDERS, target=Target.ORDER, what="after it is paid"),),
    problems=(Code.NOT_FOUND, Code.CONFLICT, Code.IDEMPOTENCY_KEY_REUSED),
)
REFUND_ORDER: Endpoint[v.OrderView] = Endpoint(
    name="refundOrder",
    method="POST",
    path="/orders/{order_id}/refund",
    tag=ORDERS,
    summary="Give money back, in part or whole, each reference once; the commission is reversed pro rata",
    body=c.RefundOrder,
    body_optional=True,
    returns=v.OrderView,
    idempotent=True,
    needs=Permission.MANAGE_ORDERS,
    target=Target.ORDER,
    problems=(Code.NOT_FOUND, Code.CONFLICT, Code.IDEMPOTENCY_KEY_REUSED),
)
PAYMENT_WEBHOOK: Endpoint[v.PaymentReceipt] = Endpoint(
    name="paymentWebhook",
    method="POST",
    path="/webhooks/payments",
    tag=ORDERS,
    summary="A payment provider's event, signed in Liveshop-Signature; applied once",
    signed_body=c.PaymentEvent,
    returns=v.PaymentReceipt,
    problems=(Code.BAD_SIGNATURE, Code.NOT_FOUND, Code.CONFLICT, Code.IDEMPOTENCY_KEY_REUSED, Code.UNAVAILABLE),
)
SET_RATE: Endpoint[v.RateView] = Endpoint(
    name="setAffiliateRate",
    method="PUT",
    path="/affiliates/{affiliate_id}/rates",
    tag=LEDGER,
    summary="Set an affiliate's rate for a product, for a seller, or by default",
    body=c.SetRate,
    returns=v.RateView,
    needs=Permission.MANAGE_PEOPLE,
    target=Target.AFFILIATE,
    problems=(Code.NOT_FOUND,),
)
LIST_COMMISSIONS: Endpoint[v.Page[v.LedgerEntryView]] = Endpoint(
    name="listCommissions",
    method="GET",
    path="/affiliates/{affiliate_id}/commissions",
    tag=LEDGER,
    summary="An affiliate's entries, newest first, with the running balance",
    query=c.LedgerQuery,
    returns=v.Page[v.LedgerEntryView],
    needs=Permission.READ_LEDGER,
    target=Target.AFFILIATE,
    problems=(Code.NOT_FOUND,),
)
GET_AFFILIATE_BALANCE: Endpoint[list[v.BalanceView]] = Endpoint(
    name="getAffiliateBalance",
    method="GET",
    path="/affiliates/{affiliate_id}/balance",
    tag=LEDGER,
    summary="What an affiliate is owed, a row a currency",
    returns=list[v.BalanceView],
    needs=Permission.READ_LEDGER,
    target=Target.AFFILIATE,
    problems=(Code.NOT_FOUND,),
)
GET_AFFILIATE_STATEMENT: Endpoint[v.StatementView] = Endpoint(
    name="getAffiliateStatement",
    method="GET",
    path="/affiliates/{affiliate_id}/statement",
    tag=LEDGER,
    summary="An affiliate's calendar month",
    query=c.StatementQuery,
    returns=v.StatementView,
    needs=Permission.READ_LEDGER,
    target=Target.AFFILIATE,
    problems=(Code.NOT_FOUND,),
)
MAKE_PAYOUT: Endpoint[v.PayoutView] = Endpoint(
    name="makePayout",
    method="POST",
    path="/affiliates/{affiliate_id}/payouts",
    tag=LEDGER,
    summary="Pay an affiliate what is available, or a part of it",
    body=c.MakePayout,
    body_optional=True,
    returns=v.PayoutView,
    idempotent=True,
    needs=Permission.PAY_OUT,
    target=Target.AFFILIATE,
    status=_CREATED,
    problems=(Code.NOT_FOUND, Code.CONFLICT, Code.IDEMPOTENCY_KEY_REUSED),
)
LIST_PAYOUTS: Endpoint[v.Page[v.PayoutView]] = Endpoint(
    name="listPayouts",
    method="GET",
    path="/affiliates/{affiliate_id}/payouts",
    tag=LEDGER,
    summary="What an affiliate was paid, newest first",
    query=c.PageQuery,
    returns=v.Page[v.PayoutView],
    needs=Permission.READ_LEDGER,
    target=Target.AFFILIATE,
    problems=(Code.NOT_FOUND,),
)
LIST_SELLER_ENTRIES: Endpoint[v.Page[v.LedgerEntryView]] = Endpoint(
    name="listSellerEntries",
    method="GET",
    path="/sellers/{seller_id}/commissions",
    tag=LEDGER,
    summary="A seller's entries, net of commissions and fees, newest first",
    query=c.LedgerQuery,
    returns=v.Page[v.LedgerEntryView],
    needs=Permission.READ_LEDGER,
    target=Target.SELLER,
    problems=(Code.NOT_FOUND,),
)
GET_SELLER_BALANCE: Endpoint[list[v.BalanceView]] = Endpoint(
    name="getSellerBalance",
    method="GET",
    path="/sellers/{seller_id}/balance",
    tag=LEDGER,
    summary="What a seller is owed, a row a currency",
    returns=list[v.BalanceView],
    needs=Permission.READ_LEDGER,
    target=Target.SELLER,
    problems=(Code.NOT_FOUND,),
)
GET_SELLER_STATEMENT: Endpoint[v.StatementView] = Endpoint(
    name="getSellerStatement",
    method="GET",
    path="/sellers/{seller_id}/statement",
    tag=LEDGER,
    summary="A seller's calendar month",
    query=c.StatementQuery,
    returns=v.StatementView,
    needs=Permission.READ_LEDGER,
    target=Target.SELLER,
    problems=(Code.NOT_FOUND,),
)
GET_DASHBOARD: Endpoint[v.DashboardView] = Endpoint(
    name="getDashboardStats",
    method="GET",
    path="/live/dashboard-stats",
    tag=STREAMS,
    summary="The figures of a host's streams together; of all for ops and admins",
    returns=v.DashboardView,
    needs=Permission.READ_STATS,
    target=Target.STREAM,
    listing=True,
)
GET_ANALYTICS: Endpoint[v.AnalyticsView] = Endpoint(
    name="getStreamAnalytics",
    method="GET",
    path="/live/analytics/{stream_id}",
    tag=STREAMS,
    summary="One show, analysed",
    returns=v.AnalyticsView,
    needs=Permission.READ_STATS,
    target=Target.STREAM,
    problems=(Code.NOT_FOUND,),
)
HEALTH: Endpoint[v.HealthView] = Endpoint(
    name="health",
    method="GET",
    path="/healthz",
    base="",
    tag=SYSTEM,
    summary="Whether the process answers",
    returns=v.HealthView,
)
READINESS: Endpoint[v.ReadinessView] = Endpoint(
    name="readiness",
    method="GET",
    path="/readyz",
    base="",
    tag=SYSTEM,
    summary="Whether the database and the media server are there; 503 when not",
    returns=v.ReadinessView,
)

ENDPOINTS: tuple[Endpoint[Any], ...] = tuple(value for value in list(globals().values()) if isinstance(value, Endpoint))
"""Every operation, in the order in which it is documented."""
