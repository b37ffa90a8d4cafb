using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Platform;
using AdminPortal.Provisioning.Platform.Wire;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Attempts;

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
                    element.Key, target.Name, addresses.CallbackUrl, app, new Secret(SecretKind.OAuthCode, attempt.Id, new Sealed("")), attempt.Configuration,
                    attempt.SealedConfiguration.Keys.ToDictionary(key => key, attempt.SealedConfigurationOf)),
                Word);
            return (first, Curl("PUT", $"{api}/instances/{target.PlatformId}?reAuthenticate=true", JsonSerializer.SerializeToNode(again, WireJson.Default.WireReauthentication)!));
        }

        var create = NewInstanceBody.Write(
            new NewInstance
            {
                Element = element,
                Name = attempt.Name,
                Tags = [.. attempt.Tags, attempt.PortalTag],
                CallbackUrl = addresses.CallbackUrl,
                ProviderApp = app,
                Code = new Secret(SecretKind.OAuthCode, attempt.Id, new Sealed("")),
                Configuration = attempt.Configuration,
                SecretConfiguration = element.Fields.Where(field => field.Secret).Select(field => field.Key)
                    .Concat(attempt.SealedConfiguration.Keys.Where(key => key == SignatureKey.Key))
                    // Nothing is opened: the word stands where the ciphertext would.
                    .ToDictionary(key => key, key => new Secret(
                        SecretKind.ConfigurationValue, attempt.Id, new Sealed(key == SignatureKey.Key ? "YOUR_SIGNATURE_KEY" : "YOUR_ENCRYPTED_KEY"))),
                Events = attempt.Events,
            },
            Word);

        return (first, Curl("POST", $"{api}/instances", JsonSerializer.SerializeToNode(create, WireJson.Default.WireNewInstance)!));
    }

    private static string Word(Secret secret) => secret.Kind switch
    {
        SecretKind.ClientSecret => "YOUR_CLIENT_SECRET",
        SecretKind.OAuthCode => "CODE_FROM_THE_CALLBACK",
        _ => secret.Value.Ciphertext,
    };

    // A single quote ends a shell string; it is closed, escaped and opened again.
    private static string Curl(string method, string url, JsonNode body) =>
        $"""
        curl -X {method} '{url}' \
          -H 'Authorization: User YOUR_USER_SECRET, Organization YOUR_ORGANIZATION_SECRET' \
          -H 'Content-Type: application/json' \
          -d '{body.ToJsonString(Indented).Replace("'", @"'\''", StringComparison.Ordinal)}'
        """;
}
