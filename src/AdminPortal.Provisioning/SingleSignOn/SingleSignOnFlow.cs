using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AdminPortal.Domain;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>The way to the authority and back: code flow with PKCE.</summary>
/// <remarks>
/// Nothing of it is kept here: nonce, verifier and where the person wanted to go lie in the browser, sealed with the state as
/// part of the purpose, so that a ticket opens for its own answer alone.
/// </remarks>
public sealed class SingleSignOnFlow
{
    /// <summary>How long a person may take at the authority.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const string Purpose = "AdminPortal.SingleSignOn";

    private readonly Authority _authority;
    private readonly IdTokenCheck _check;
    private readonly SpentStates _spent;
    private readonly IDataProtectionProvider _protection;
    private readonly IOptions<PortalOptions> _options;
    private readonly PortalAddresses _addresses;
    private readonly TimeProvider _clock;
    private readonly IStringLocalizer<ProvisioningText> _texts;
    private readonly ILogger<SingleSignOnFlow> _logger;

    internal SingleSignOnFlow(
        Authority authority, IdTokenCheck check, SpentStates spent, IDataProtectionProvider protection, IOptions<PortalOptions> options, PortalAddresses addresses,
        TimeProvider clock, IStringLocalizer<ProvisioningText> texts, ILogger<SingleSignOnFlow> logger) =>
        (_authority, _check, _spent, _protection, _options, _addresses, _clock, _texts, _logger) = (authority, check, spent, protection, options, addresses, clock, texts, logger);

    private SingleSignOnOptions Settings => _options.Value.SingleSignOn;

    // Registered at the authority, and sent to it twice: from here alone.
    private string RedirectUri => _addresses.PublicBaseUrl + PortalAddresses.SingleSignOnCallbackPath;

    /// <summary>Prepares a person's way to the authority.</summary>
    public async Task<Result<SingleSignOnDeparture>> LeaveAsync(DepartureReason reason, CancellationToken cancellationToken)
    {
        var (configuration, refusal) = await _authority.DescribeAsync(cancellationToken).ConfigureAwait(false);
        if (configuration is null) return new Problem(refusal == SingleSignOnRefusal.Unreachable ? ProblemKind.Unreachable : ProblemKind.Refused, Sentence(refusal));
        var state = OneTimeValue.Create();
        var ticket = new Ticket(OneTimeValue.Create(), OneTimeValue.Create(), _clock.GetUtcNow().UtcTicks, reason);
        var query = new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = Settings.ClientId,
            ["redirect_uri"] = RedirectUri,
            ["scope"] = Settings.Scopes,
            ["state"] = state,
            ["nonce"] = ticket.Nonce,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(ticket.Verifier))),
            ["code_challenge_method"] = "S256",
        };
        if (reason.Fresh)
        {
            query["prompt"] = "login";
            query["max_age"] = "0";
        }

        return new SingleSignOnDeparture(QueryHelpers.AddQueryString(configuration.AuthorizationEndpoint, query), state, Protector(state).Protect(JsonSerializer.Serialize(ticket)));
    }

    /// <summary>Takes a person in who comes back.</summary>
    /// <param name="reply">What came in the address.</param>
    /// <param name="ticket">What the browser kept; null where it has none for this state.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Arrival> ReturnAsync(AuthorityReply reply, string? ticket, CancellationToken cancellationToken)
    {
        if (Open(reply.State, ticket) is not { } departure) return Refuse(SingleSignOnRefusal.UnknownState);
        var (configuration, trouble) = await _authority.DescribeAsync(cancellationToken).ConfigureAwait(false);
        if (configuration is null) return Refuse(trouble);

        // RFC 9207: an answer of another authority that was led here is known by the issuer that it names, or does not name.
        if (reply.Issuer is null ? configuration.AuthorizationResponseIssParameterSupported is true : reply.Issuer != configuration.Issuer) return Refuse(SingleSignOnRefusal.OtherIssuer);
        if (reply.Error is not null)
            return Refuse(SingleSignOnRefusal.Denied, Authority.Words(reply.Error, reply.ErrorDescription, reply.State!, departure.Verifier, Settings.ClientSecret));
        if (reply.Code is null) return Refuse(SingleSignOnRefusal.NoCode);

        var answer = await _authority.ExchangeAsync(configuration, reply.Code, departure.Verifier, RedirectUri, cancellationToken).ConfigureAwait(false);
        if (answer is TokenAnswer.Refused refused) return Refuse(refused.Why, refused.Words);
        var given = (TokenAnswer.Given)answer;
        var (token, wrong, keyIsUnknown) = await _check.LookAsync(given, configuration, departure.Nonce).ConfigureAwait(false);
        if (keyIsUnknown)
        {
            // The authority may have changed its keys since they were read. Once: it is its own answer that asks for it.
            var (anew, stillTrouble) = await _authority.DescribeAnewAsync(configuration, cancellationToken).ConfigureAwait(false);
            if (anew is null) return Refuse(stillTrouble);
            (token, wrong, _) = await _check.LookAsync(given, anew, departure.Nonce).ConfigureAwait(false);
        }

        return token is null ? Refuse(wrong) : Read(token, departure);
    }

    /// <summary>Where a person who came by single sign-on goes on to after signing out here; null for nowhere.</summary>
    public Task<string?> EndSessionAsync(CancellationToken cancellationToken) => _authority.EndSessionAsync(_addresses.PublicBaseUrl + "/sign-in", cancellationToken);

    private Arrival Read(JsonWebToken token, Ticket departure)
    {
        if (departure.Reason.Fresh && !(token.TryGetPayloadValue<long>("auth_time", out var signedIn) && IsSince(signedIn, departure.At))) return Refuse(SingleSignOnRefusal.NotFresh);
        if (token.Subject is not { Length: > 0 and <= ExternalIdentity.MaxSubjectLength } subject || token.Issuer.Length > ExternalIdentity.MaxIssuerLength) return Refuse(SingleSignOnRefusal.TokenInvalid);

        // Whether it is an address, and verified, matters for new users only: see SingleSignOnPeople.
        var said = token.Claims.FirstOrDefault(claim => claim.Type == Settings.EmailClaim)?.Value.Trim();
        var email = !string.IsNullOrEmpty(said) && OutsideText.Clean(said, EmailAddress.MaxBytes) == said ? said : null;
        // Some authorities write it as a text.
        bool? isVerified = token.Claims.FirstOrDefault(claim => claim.Type == "email_verified")?.Value is { } verified
            ? string.Equals(verified, "true", StringComparison.OrdinalIgnoreCase)
            : null;

        // A list comes as several claims of the same name.
        var groups = token.Claims.Where(claim => claim.Type == Settings.RoleClaim).Select(claim => claim.Value).ToArray();
        var identity = new ExternalIdentity(token.Issuer, subject, email, isVerified, Settings.RoleOf(groups))
        {
            AreGroupsKnown = groups.Length > 0 || !LeavesOutGroups(token),
        };
        return new Arrival.Known(identity, departure.Reason);
    }

    // Microsoft Entra leaves out the claim of a user who is in more than 200 groups. It says so with "hasgroups", or with the claim's
    // name in "_claim_names": a distributed claim (OpenID Connect Core 1.0, 5.6.2), which this portal does not fetch.
    private bool LeavesOutGroups(JsonWebToken token)
    {
        if (Settings.RoleClaim == "groups" && token.Claims.Any(claim => claim.Type == "hasgroups")) return true;
        if (token.Claims.FirstOrDefault(claim => claim.Type == "_claim_names")?.Value is not { } names) return false;
        try
        {
            using var read = JsonDocument.Parse(names);
            return read.RootElement.ValueKind == JsonValueKind.Object && read.RootElement.TryGetProperty(Settings.RoleClaim, out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsSince(long seconds, long ticks) =>
        seconds > 0 && seconds >= (new DateTimeOffset(ticks, TimeSpan.Zero) - IdTokenCheck.Skew).ToUnixTimeSeconds();

    private Ticket? Open(string? state, string? ticket)
    {
        if (!OneTimeValue.HasForm(state) || ticket is null) return null;
        try
        {
            var opened = JsonSerializer.Deserialize<Ticket>(Protector(state!).Unprotect(ticket));
            if (opened is null) return null;
            var end = new DateTimeOffset(opened.At, TimeSpan.Zero) + Lifetime;
            return end > _clock.GetUtcNow() && _spent.TrySpend(Hash(state!), end) ? opened : null;
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException)
        {
            return null;
        }
    }

    private IDataProtector Protector(string state) => _protection.CreateProtector(Purpose, Hash(state));

    private static string Hash(string state) => Convert.ToHexStringLower(OneTimeValue.Hash(state));

    private Arrival.Refused Refuse(SingleSignOnRefusal why, string? words = null)
    {
        SingleSignOnLog.Refused(_logger, why);
        return new Arrival.Refused(why, Sentence(why, words));
    }

    private string Sentence(SingleSignOnRefusal why, string? words = null) =>
        why is SingleSignOnRefusal.Denied or SingleSignOnRefusal.CodeRefused && words is not null
            ? _texts[$"SingleSignOn.{why}.Words", Settings.DisplayName, words]
            : _texts[$"SingleSignOn.{why}", Settings.DisplayName, words ?? ""];
}
