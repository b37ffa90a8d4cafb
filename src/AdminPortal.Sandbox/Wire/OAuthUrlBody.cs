namespace AdminPortal.Sandbox.Wire;

internal sealed record OAuthUrlBody(string OauthUrl, string Element);
