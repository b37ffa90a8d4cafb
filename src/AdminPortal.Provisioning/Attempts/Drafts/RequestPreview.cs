using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Platform.Wire;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Attempts.Drafts;

/// <summary>The curl commands that do what the portal is about to do, with a word in place of every secret.</summary>
public sealed class RequestPreview(IDbContextFactory<PortalDb> databases, ElementCatalog catalog, PortalAddresses addresses)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        // The text is shown, never executed as markup: Razor encodes it. Quotes in poller dates stay readable.
        Encoder = JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.All),
        TypeInfoResolver = JsonTypeInfoResolver.Combine(WireJson.Default),
    };

    /// <summary>
    /// The command for the OAuth URL, and the command that creates the instance or authorizes it anew; null where the
    /// draft is not whole. Of the latter it holds what the draft gives, not what is read from the platform and sent back.
    /// </summary>
    public async Task<(string OAuthUrl, string Create)?> WriteAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is null || catalog.Find(attempt.ElementKey) is not { } element) return null;
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        var app = await db.ProviderApps.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.ProviderAppId, cancellationToken).ConfigureAwait(false);
        if (account is null || app is null) return null;

        // Words stand for the secrets, so it does not matter whether the app is allowed for the account's origin.
        var credentials = new ProviderAppCredentials(app.ClientId, app.ClientSecretOf);
        var oauthUrl = new WireOAuthUrlRequest
        {
            ApiKey = app.ClientId,
            ApiSecret = Word(app.ClientSecretOf),
            CallbackUrl = addresses.CallbackUrl,
            State = "RANDOM_ONE_TIME_STATE",
            SiteAddress = attempt.Configuration.GetValueOrDefault(ElementCatalog.ServerKey),
        };
        var api = $"{account.BaseUrl}/elements/api-v2";
        var first = Curl("POST", $"{api}/elements/{element.Key}/oauth/url", JsonSerializer.SerializeToNode(oauthUrl, WireJson.Default.WireOAuthUrlRequest)!);
        if (attempt.IsReauthentication)
        {
            var target = await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.TargetInstanceId, cancellationToken).ConfigureAwait(false);
            if (target is null) return null;
            var again = ReauthenticationBody.Write(
                new Reauthentication(
                    element.Key, target.Name, addresses.CallbackUrl, credentials, new Secret(SecretKind.OAuthCode, attempt.Id, new Sealed("")), attempt.Configuration,
                    SecretsOf(attempt.SealedConfiguration.Keys)),
                Word);
            Name(again.Configuration, attempt.SealedConfiguration.Keys);
            return (first, Curl("PUT", $"{api}/instances/{target.PlatformId}?reAuthenticate=true", JsonSerializer.SerializeToNode(again, WireJson.Default.WireReauthentication)!));
        }

        string[] secretKeys = [.. element.Fields.Where(field => field.Secret).Select(field => field.Key), .. attempt.SealedConfiguration.Keys.Where(key => key == SignatureKey.Key)];
        var create = NewInstanceBody.Write(
            new NewInstance
            {
                Element = element,
                Name = attempt.Name,
                Tags = [.. attempt.Tags, attempt.PortalTag],
                CallbackUrl = addresses.CallbackUrl,
                ProviderApp = credentials,
                Code = new Secret(SecretKind.OAuthCode, attempt.Id, new Sealed("")),
                Configuration = attempt.Configuration,
                SecretConfiguration = SecretsOf(secretKeys),
                Events = attempt.Events,
            },
            Word);
        Name(create.Configuration, secretKeys);

        return (first, Curl("POST", $"{api}/instances", JsonSerializer.SerializeToNode(create, WireJson.Default.WireNewInstance)!));
    }

    private static string Word(Secret secret) => secret.Kind switch
    {
        SecretKind.ClientSecret => "YOUR_CLIENT_SECRET",
        SecretKind.OAuthCode => "CODE_FROM_THE_CALLBACK",
        _ => "YOUR_SECRET",
    };

    // Nothing is opened, and nothing sealed comes near the text: the keys alone are known here.
    private static Dictionary<string, Secret> SecretsOf(IEnumerable<string> keys) =>
        keys.ToDictionary(key => key, _ => new Secret(SecretKind.ConfigurationValue, Guid.Empty, new Sealed("")));

    private static void Name(JsonObject configuration, IEnumerable<string> keys)
    {
        foreach (var key in keys.Where(configuration.ContainsKey)) configuration[key] = key == SignatureKey.Key ? "YOUR_SIGNATURE_KEY" : "YOUR_ENCRYPTED_KEY";
    }

    private static string Curl(string method, string url, JsonNode body) => CurlCommand.Write(method, url, body: body.ToJsonString(Indented));
}
