"""Signing in and out, and tokens for programs, over REST."""

from backend.rest.binding import Call, serve
from backend.services import api_tokens, auth, sign_ins
from shared import commands as c
from shared import endpoints
from shared import views as v


@serve(endpoints.SIGN_UP)
async def sign_up(call: Call[c.SignUp, None]) -> v.SignedInView:
    """Make an account."""
    return await auth.sign_up(call.runtime, call.address, call.body)


@serve(endpoints.SIGN_IN)
async def sign_in(call: Call[c.SignIn, None]) -> v.SignedInView:
    """Tokens for a name and a password."""
    return await auth.sign_in(call.runtime, call.address, call.body)


@serve(endpoints.REFRESH_SIGN_IN)
async def refresh_sign_in(call: Call[c.RefreshSignIn, None]) -> v.SignedInView:
    """New tokens for an old one."""
    return await sign_ins.refresh(call.runtime, call.body)


@serve(endpoints.SIGN_OUT)
async def sign_out(call: Call[c.SignOut, None]) -> c.Done:
    """End a sign-in."""
    await sign_ins.sign_out(call.runtime, call.actor, call.body)
    return c.Done()


@serve(endpoints.CHANGE_PASSWORD)
async def change_password(call: Call[c.ChangePassword, None]) -> c.Done:
    """Another password for the caller."""
    await auth.change_password(call.runtime, call.actor, call.body)
    return c.Done()


@serve(endpoints.GET_IDENTITY)
async def get_identity(call: Call[None, None]) -> v.IdentityView:
    """Who the caller is."""
    return await auth.identity(call.actor)


@serve(endpoints.CREATE_API_TOKEN)
async def create_api_token(call: Call[c.CreateApiToken, None]) -> v.NewApiTokenView:
    """A token for a program."""
    return await api_tokens.create(call.runtime, call.actor, call.body)


@serve(endpoints.LIST_API_TOKENS)
async def list_api_tokens(call: Call[None, c.ApiTokensQuery]) -> v.Page[v.ApiTokenView]:
    """One account's tokens."""
    return await api_tokens.list_tokens(call.actor, call.query)


@serve(endpoints.REVOKE_TOKEN)
async def revoke_token(call: Call[None, None]) -> c.Done:
    """A token that counts no more."""
    await api_tokens.revoke(call.runtime, call.actor, call.path["token_id"])
    return c.Done()
