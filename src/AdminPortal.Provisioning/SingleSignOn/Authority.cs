using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>The authority: what it says about itself, and the exchange of a code for a token.</summary>
/// <remarks>
/// The library's own <c>ConfigurationManager</c> reads keys anew in the background: the sign-in that found an unknown key would
/// be refused all the same. Here it waits for them.
/// </remarks>
internal sealed class Authority(IHttpClientFactory clients, IOptions<PortalOptions> options, PortalAddresses addresses, TimeProvider clock, ILogger<Authority> logger) : IDisposable
{
    /// <summary>The name of the HTTP client.</summary>
    public const string ClientName = "single-sign-on";

    /// <summary>The largest document or answer that is read.</summary>
    public const int MaxResponseBytes = 512 * 1024;

    /// <summary>How long what was read counts as true.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromHours(6);

    private const int MaxWordsLength = 300;
    private const string Mask = "***";

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private OpenIdConnectConfiguration? _known;
    private DateTimeOffset _readAt;

    private SingleSignOnOptions Settings => options.Value.SingleSignOn;

    /// <summary>What the authority says about itself; read where nothing or only something old is known.</summary>
    public async Task<(OpenIdConnectConfiguration? Known, SingleSignOnRefusal Refusal)> DescribeAsync(CancellationToken cancellationToken)
    {
        if (_known is { } known && clock.GetUtcNow() - _readAt < Fresh) return (known, default);
        var read = await ReadAsync(null, cancellationToken).ConfigureAwait(false);
        // While it does not answer, what it said before goes on to hold.
        return read.Known is null && _known is { } former ? (former, default) : read;
    }

    /// <summary>The same, read anew because of something that is not in what was known.</summary>
    public Task<(OpenIdConnectConfiguration? Known, SingleSignOnRefusal Refusal)> DescribeAnewAsync(OpenIdConnectConfiguration known, CancellationToken cancellationToken) =>
        ReadAsync(known, cancellationToken);

    /// <summary>Exchanges a code, once.</summary>
    public async Task<TokenAnswer> ExchangeAsync(OpenIdConnectConfiguration configuration, string code, string verifier, string redirectUri, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> fields =
        [
            new("grant_type", "authorization_code"),
            new("code", code),
            new("redirect_uri", redirectUri),
            new("code_verifier", verifier),
        ];
        using var request = new HttpRequestMessage(HttpMethod.Post, configuration.TokenEndpoint);
        var methods = configuration.TokenEndpointAuthMethodsSupported;
        if (methods.Count == 0 || methods.Contains("client_secret_basic") || !methods.Contains("client_secret_post"))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{WebUtility.UrlEncode(Settings.ClientId)}:{WebUtility.UrlEncode(Settings.ClientSecret)}")));
        }
        else
        {
            fields.Add(new("client_id", Settings.ClientId));
            fields.Add(new("client_secret", Settings.ClientSecret));
        }

        request.Content = new FormUrlEncodedContent(fields);
        request.Headers.Accept.ParseAdd("application/json");
        try
        {
            using var http = clients.CreateClient(ClientName);
            using var answer = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return Read(answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false), [code, verifier, Settings.ClientSecret]);
        }
        catch (Exception exception) when (IsUnreachable(exception, cancellationToken))
        {
            SingleSignOnLog.NotAnswered(logger, exception.GetType().Name);
            return new TokenAnswer.Refused(SingleSignOnRefusal.Unreachable, null);
        }
    }

    /// <summary>Where a person is sent to sign out there too; null where the authority has no such place, or is not to be asked now.</summary>
    public async Task<string?> EndSessionAsync(string backTo, CancellationToken cancellationToken)
    {
        var (configuration, _) = await DescribeAsync(cancellationToken).ConfigureAwait(false);
        if (configuration?.EndSessionEndpoint is not { Length: > 0 } end || !IsAddress(end)) return null;
        // No token goes along: none is kept, and addresses are read by many.
        return Microsoft.AspNetCore.WebUtilities.QueryHelpers.AddQueryString(end, new Dictionary<string, string?> { ["client_id"] = Settings.ClientId, ["post_logout_redirect_uri"] = backTo });
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<(OpenIdConnectConfiguration? Known, SingleSignOnRefusal Refusal)> ReadAsync(OpenIdConnectConfiguration? unlike, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Somebody else has read it meanwhile.
            if (_known is { } known && clock.GetUtcNow() - _readAt < Fresh && known != unlike) return (known, default);
            var issuer = Settings.Authority.Trim();
            var read = await OpenIdConnectConfigurationRetriever.GetAsync(
                issuer.TrimEnd('/') + "/.well-known/openid-configuration", new AuthorityDocuments(clients, addresses), cancellationToken).ConfigureAwait(false);
            if (!IsUsable(read, issuer))
            {
                SingleSignOnLog.Misconfigured(logger);
                return (null, SingleSignOnRefusal.Misconfigured);
            }

            _known = read;
            _readAt = clock.GetUtcNow();
            return (read, default);
        }
        catch (Exception exception) when (IsUnreachable(exception, cancellationToken))
        {
            SingleSignOnLog.NotAnswered(logger, exception.GetType().Name);
            return (null, SingleSignOnRefusal.Unreachable);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever its documents hold that cannot be read comes to the same, and its words are not for the log.
            SingleSignOnLog.NotRead(logger, exception.GetType().Name);
            return (null, SingleSignOnRefusal.Misconfigured);
        }
        finally
        {
            _ = _oneAtATime.Release();
        }
    }

    private bool IsUsable(OpenIdConnectConfiguration read, string issuer) =>
        // Another authority's document must not speak for this one. Many write their address with a slash at its end, and many without.
        string.Equals(read.Issuer?.TrimEnd('/'), issuer.TrimEnd('/'), StringComparison.Ordinal)
        && IsAddress(read.AuthorizationEndpoint) && IsAddress(read.TokenEndpoint) && read.SigningKeys.Count > 0;

    private bool IsAddress(string? text) => WebAddress.TryParse(text, addresses.AllowLoopbackHttp, out _, out _);

    private static bool IsUnreachable(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        // The library that reads the documents wraps what stood in the way.
        || (exception.InnerException is { } inner && exception is not OperationCanceledException && IsUnreachable(inner, cancellationToken));

    private static TokenAnswer Read(HttpStatusCode status, string text, string[] secrets)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return new TokenAnswer.Refused(SingleSignOnRefusal.NoToken, null);
            if (status != HttpStatusCode.OK || Text(root, "error") is not null)
                return new TokenAnswer.Refused(SingleSignOnRefusal.CodeRefused, Words(Text(root, "error"), Text(root, "error_description"), secrets));
            return Text(root, "id_token") is { Length: > 0 } token ? new TokenAnswer.Given(token, Text(root, "access_token")) : new TokenAnswer.Refused(SingleSignOnRefusal.NoToken, null);
        }
        catch (JsonException)
        {
            return new TokenAnswer.Refused(status == HttpStatusCode.OK ? SingleSignOnRefusal.NoToken : SingleSignOnRefusal.CodeRefused, null);
        }
    }

    /// <summary>An authority's words about an error, cleaned, cut, and without what must not be shown.</summary>
    internal static string? Words(string? error, string? description, params string[] secrets)
    {
        var words = string.Join(": ", new[] { error, description }.Where(part => !string.IsNullOrWhiteSpace(part)));
        foreach (var secret in secrets.Where(secret => secret.Length > 0)) words = words.Replace(secret, Mask, StringComparison.Ordinal);
        return OutsideText.Clean(words, MaxWordsLength)?.TrimEnd('.');
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
