using System.Collections.Concurrent;
using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Web;

namespace AdminPortal.TestSupport.BlackBox;

/// <summary>Faults of an authority, or of an attacker between it and the portal.</summary>
public enum AuthorityFault
{
    None,
    WrongNonce,
    NoNonce,
    WrongAudience,
    SeveralAudiences,
    OtherAuthorizedParty,
    Expired,
    NoExpiry,
    NotYet,
    IssuedLater,
    OtherIssuer,
    NotSigned,
    SignatureRemoved,
    CriticalExtension,
    PublicKeyAsSecret,
    WrongKey,
    UnknownKey,
    Altered,
    WrongAccessTokenHash,
    NoSubject,
    NoToken,
    NotJson,
    TokenError,
    TokenErrorWithoutDescription,
    TokenErrorWithStatus200,
    TokenErrorPage,
    TokenSilence,
    TokenHuge,
    DescribesAnother,
    DescriptionMissing,
    NoKeys,
    ReturnsOtherIssuer,
    ReturnsNoIssuer,
    ReturnsOtherState,
    ReturnsNoState,
    ReturnsNoCode,
    ReturnsTwoCodes,
    ReturnsError,
    ReturnsErrorOfOtherIssuer,
}

/// <summary>
/// A small OpenID Connect authority on a loopback port, with switchable faults. It is written from the specifications and shares
/// no code with the portal, so that both cannot agree on a mistake.
/// </summary>
public sealed class TestAuthority : IAsyncDisposable
{
    public const string ClientId = "admin portal";
    public const string ClientSecret = "s3cret/of:the client+portal";

    private static readonly RSA Stranger = RSA.Create(2048);

    private readonly HttpListener _listener = new();
    private readonly Task _loop;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, NameValueCollection> _codes = new();
    private RSA _key = RSA.Create(2048);
    private string _keyId = "first";

    private TestAuthority(int port)
    {
        Address = $"http://127.0.0.1:{port}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _loop = ServeAsync();
    }

    /// <summary>Its address, and its issuer.</summary>
    public string Address { get; }

    public AuthorityFault Fault { get; set; }

    /// <summary>What the token says of the person beside what it has to.</summary>
    public Dictionary<string, object?> Claims { get; } = [];

    /// <summary>How tokens are asked for.</summary>
    public string[] Methods { get; set; } = ["client_secret_basic"];

    /// <summary>Whether a person is shown a page and asked, as a browser's is.</summary>
    public bool Asks { get; set; }

    /// <summary>Whether there is a place to sign out.</summary>
    public bool EndsSessions { get; set; } = true;

    /// <summary>What the last person was sent here with.</summary>
    public NameValueCollection LastDeparture { get; private set; } = [];

    /// <summary>What the last person was sent here with to sign out.</summary>
    public NameValueCollection LastSignOut { get; private set; } = [];

    /// <summary>How often a code was brought.</summary>
    public int Exchanges => _exchanges;

    /// <summary>Everything that must not be found in a log or in the database.</summary>
    public ConcurrentBag<string> Secrets { get; } = [ClientSecret];

    private int _exchanges;

    public static TestAuthority Start()
    {
        var authority = new TestAuthority(ServerProcess.FreePort());
        authority.Be("ada", "ada.lovelace@example.com", "portal-admins");
        return authority;
    }

    /// <summary>The settings that lead a portal here.</summary>
    public Dictionary<string, string> Settings() => new()
    {
        ["Portal:SingleSignOn:Authority"] = Address,
        ["Portal:SingleSignOn:ClientId"] = ClientId,
        ["Portal:SingleSignOn:ClientSecret"] = ClientSecret,
        ["Portal:SingleSignOn:DisplayName"] = "Example ID",
        ["Portal:SingleSignOn:Roles:Administrator:0"] = "portal-admins",
        ["Portal:SingleSignOn:Roles:Operator:0"] = "portal-operators",
        ["Portal:SingleSignOn:Roles:Viewer:0"] = "everybody",
        ["Portal:SingleSignOn:Timeout"] = "00:00:30",
    };

    /// <summary>Who signs in next.</summary>
    public void Be(string subject, string email, params string[] groups)
    {
        Claims.Clear();
        Claims["sub"] = subject;
        Claims["email"] = email;
        Claims["email_verified"] = true;
        Claims["groups"] = groups;
    }

    /// <summary>Signs with another key from now on, and publishes that.</summary>
    public void ChangeKey()
    {
        _key.Dispose();
        _key = RSA.Create(2048);
        _keyId = "second";
    }

    public async ValueTask DisposeAsync()
    {
        _ended.SetResult();
        _listener.Stop();
        await _loop;
        _listener.Close();
        _key.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> answers = [];
        while (_listener.IsListening)
        {
            try
            {
                answers.Add(AnswerAsync(await _listener.GetContextAsync()));
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                break;
            }
        }

        await Task.WhenAll(answers);
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            await (context.Request.Url!.AbsolutePath switch
            {
                "/.well-known/openid-configuration" => DescribeAsync(context.Response),
                "/keys" => WriteAsync(context.Response, 200, JsonSerializer.Serialize(new { keys = Fault == AuthorityFault.NoKeys ? [] : new[] { PublicKey() } })),
                "/authorize" => AuthorizeAsync(context),
                "/token" => ExchangeAsync(context),
                "/sign-out" => SignOutAsync(context),
                _ => WriteAsync(context.Response, 404, "{}"),
            });
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // The portal did not wait.
        }
    }

    private Task DescribeAsync(HttpListenerResponse response)
    {
        if (Fault == AuthorityFault.DescriptionMissing) return WriteAsync(response, 503, "");
        var says = new Dictionary<string, object>
        {
            ["issuer"] = Fault == AuthorityFault.DescribesAnother ? "http://127.0.0.1:1" : Address,
            ["authorization_endpoint"] = Address + "/authorize",
            ["token_endpoint"] = Address + "/token",
            ["jwks_uri"] = Address + "/keys",
            ["token_endpoint_auth_methods_supported"] = Methods,
            ["authorization_response_iss_parameter_supported"] = true,
        };
        if (EndsSessions) says["end_session_endpoint"] = Address + "/sign-out";
        return WriteAsync(response, 200, JsonSerializer.Serialize(says));
    }

    private Task AuthorizeAsync(HttpListenerContext context)
    {
        var query = HttpUtility.ParseQueryString(context.Request.Url!.Query);
        LastDeparture = query;
        if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256" || query["code_challenge"] is not { Length: 43 }
            || query["state"] is not { Length: > 20 } || query["nonce"] is not { Length: > 20 } || !(query["scope"] ?? "").Split(' ').Contains("openid"))
            return WriteAsync(context.Response, 400, "What was asked for is not what it has to be.");
        var back = Return(query);
        if (!Asks)
        {
            Redirect(context.Response, back);
            return Task.CompletedTask;
        }

        return WriteAsync(context.Response, 200, Page("Example ID", $"<p>{HtmlEncoder.Default.Encode((string)Claims["email"]!)}</p><a href=\"{HtmlEncoder.Default.Encode(back)}\">Continue</a>"), "text/html");
    }

    private string Return(NameValueCollection asked)
    {
        var answer = HttpUtility.ParseQueryString("");
        var code = Fresh();
        _codes[code] = asked;
        if (Fault is AuthorityFault.ReturnsError or AuthorityFault.ReturnsErrorOfOtherIssuer)
        {
            answer["error"] = "access_denied";
            answer["error_description"] = "The person <b>said</b> \u202eno\u0007, state " + asked["state"];
        }
        else if (Fault != AuthorityFault.ReturnsNoCode)
        {
            answer["code"] = code;
        }

        if (Fault != AuthorityFault.ReturnsNoState) answer["state"] = Fault == AuthorityFault.ReturnsOtherState ? Fresh() : asked["state"];
        if (Fault != AuthorityFault.ReturnsNoIssuer) answer["iss"] = Fault is AuthorityFault.ReturnsOtherIssuer or AuthorityFault.ReturnsErrorOfOtherIssuer ? "http://127.0.0.1:1" : Address;
        if (Fault == AuthorityFault.ReturnsTwoCodes) answer.Add("code", Fresh());
        return asked["redirect_uri"] + "?" + answer;
    }

    private async Task ExchangeAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream);
        var form = HttpUtility.ParseQueryString(await reader.ReadToEndAsync());
        _ = Interlocked.Increment(ref _exchanges);
        Secrets.Add(form["code_verifier"] ?? "no verifier");
        if (!IsTheClient(context.Request, form))
        {
            await WriteAsync(context.Response, 401, JsonSerializer.Serialize(new { error = "invalid_client" }));
            return;
        }

        if (form["grant_type"] != "authorization_code" || !_codes.TryRemove(form["code"] ?? "", out var asked) || form["redirect_uri"] != asked["redirect_uri"]
            || Text(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"] ?? ""))) != asked["code_challenge"])
        {
            await WriteAsync(context.Response, 400, JsonSerializer.Serialize(new { error = "invalid_grant" }));
            return;
        }

        var accessToken = Fresh();
        switch (Fault)
        {
            case AuthorityFault.TokenError:
                await WriteAsync(context.Response, 400, JsonSerializer.Serialize(new { error = "invalid_grant", error_description = "The code " + form["code"] + " is <i>old</i>." }));
                break;
            case AuthorityFault.TokenErrorWithoutDescription:
                await WriteAsync(context.Response, 401, JsonSerializer.Serialize(new { error = "invalid_client" }));
                break;
            case AuthorityFault.TokenErrorWithStatus200:
                await WriteAsync(context.Response, 200, JsonSerializer.Serialize(new { error = "bad_verification_code", error_description = "Not with " + form["code_verifier"] }));
                break;
            case AuthorityFault.TokenErrorPage:
                await WriteAsync(context.Response, 502, "<html>", "text/html");
                break;
            case AuthorityFault.TokenSilence:
                await _ended.Task;
                break;
            case AuthorityFault.TokenHuge:
                await WriteAsync(context.Response, 200, "{\"id_token\":\"" + new string('a', 2 * 1024 * 1024) + "\"}");
                break;
            case AuthorityFault.NotJson:
                await WriteAsync(context.Response, 200, "<html>", "text/html");
                break;
            case AuthorityFault.NoToken:
                await WriteAsync(context.Response, 200, JsonSerializer.Serialize(new { access_token = accessToken, token_type = "Bearer" }));
                break;
            default:
                var idToken = Token(asked["nonce"]!, accessToken);
                Secrets.Add(idToken);
                await WriteAsync(context.Response, 200, JsonSerializer.Serialize(new { access_token = accessToken, token_type = "Bearer", id_token = idToken }));
                break;
        }
    }

    private bool IsTheClient(HttpListenerRequest request, NameValueCollection form)
    {
        if (!Methods.Contains("client_secret_basic")) return form["client_id"] == ClientId && form["client_secret"] == ClientSecret && request.Headers["Authorization"] is null;
        if (request.Headers["Authorization"] is not { } header || !header.StartsWith("Basic ", StringComparison.Ordinal)) return false;
        var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header[6..])).Split(':');
        return pair.Length == 2 && HttpUtility.UrlDecode(pair[0]) == ClientId && HttpUtility.UrlDecode(pair[1]) == ClientSecret && form["client_secret"] is null;
    }

    private string Token(string nonce, string accessToken)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new Dictionary<string, object?>(Claims)
        {
            ["iss"] = Fault == AuthorityFault.OtherIssuer ? "http://127.0.0.1:1" : Address,
            ["aud"] = Fault switch { AuthorityFault.WrongAudience => "another portal", AuthorityFault.SeveralAudiences => new[] { ClientId, "another portal" }, _ => (object)ClientId },
            ["exp"] = Fault == AuthorityFault.Expired ? now - 300 : now + 300,
            ["iat"] = Fault == AuthorityFault.IssuedLater ? now + 250 : Fault == AuthorityFault.Expired ? now - 600 : now,
            ["nonce"] = Fault == AuthorityFault.WrongNonce ? Fresh() : nonce,
            ["at_hash"] = Text(SHA256.HashData(Encoding.ASCII.GetBytes(Fault == AuthorityFault.WrongAccessTokenHash ? accessToken + "x" : accessToken))[..16]),
        };
        if (!claims.ContainsKey("auth_time")) claims["auth_time"] = now;
        if (Fault == AuthorityFault.NotYet) claims["nbf"] = now + 250;
        if (Fault == AuthorityFault.NoExpiry) _ = claims.Remove("exp");
        if (Fault == AuthorityFault.NoNonce) _ = claims.Remove("nonce");
        if (Fault == AuthorityFault.NoSubject) _ = claims.Remove("sub");
        if (Fault == AuthorityFault.OtherAuthorizedParty) claims["azp"] = "another portal";

        var header = new Dictionary<string, object>
        {
            ["alg"] = Fault switch { AuthorityFault.NotSigned => "none", AuthorityFault.PublicKeyAsSecret => "HS256", _ => "RS256" },
            ["typ"] = "JWT",
            ["kid"] = Fault == AuthorityFault.UnknownKey ? "unknown" : _keyId,
        };
        if (Fault == AuthorityFault.CriticalExtension) header["crit"] = new[] { "exp" };
        var signed = Text(JsonSerializer.SerializeToUtf8Bytes(header)) + "." + Text(JsonSerializer.SerializeToUtf8Bytes(claims));
        var bytes = Encoding.ASCII.GetBytes(signed);
        if (Fault == AuthorityFault.Altered) bytes[^1]++;
        var signature = Fault switch
        {
            AuthorityFault.NotSigned or AuthorityFault.SignatureRemoved => [],
            // What anybody can read, taken as the secret of both.
            AuthorityFault.PublicKeyAsSecret => HMACSHA256.HashData(_key.ExportSubjectPublicKeyInfo(), bytes),
            AuthorityFault.WrongKey or AuthorityFault.UnknownKey => Stranger.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => _key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return signed + "." + Text(signature);
    }

    private Dictionary<string, string> PublicKey()
    {
        var key = _key.ExportParameters(false);
        return new() { ["kty"] = "RSA", ["use"] = "sig", ["alg"] = "RS256", ["kid"] = _keyId, ["n"] = Text(key.Modulus!), ["e"] = Text(key.Exponent!) };
    }

    private Task SignOutAsync(HttpListenerContext context)
    {
        LastSignOut = HttpUtility.ParseQueryString(context.Request.Url!.Query);
        return WriteAsync(
            context.Response, 200, Page("Signed out of Example ID", $"<a href=\"{HtmlEncoder.Default.Encode(LastSignOut["post_logout_redirect_uri"] ?? "")}\">Back</a>"), "text/html");
    }

    private string Fresh()
    {
        var value = Text(RandomNumberGenerator.GetBytes(32));
        Secrets.Add(value);
        return value;
    }

    private static string Page(string title, string body) =>
        string.Create(CultureInfo.InvariantCulture, $"<!DOCTYPE html><html lang=\"en\"><head><title>{title}</title></head><body><main><h1>{title}</h1>{body}</main></body></html>");

    private static void Redirect(HttpListenerResponse response, string to)
    {
        response.StatusCode = 302;
        response.RedirectLocation = to;
        response.Close();
    }

    private static async Task WriteAsync(HttpListenerResponse response, int status, string text, string type = "application/json")
    {
        response.StatusCode = status;
        response.ContentType = type;
        var bytes = Encoding.UTF8.GetBytes(text);
        response.ContentLength64 = bytes.Length;
        await response.OutputStream.WriteAsync(bytes);
        response.Close();
    }

    private static string Text(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
