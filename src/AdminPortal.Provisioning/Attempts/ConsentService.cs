using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Platform;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>The way to the provider and back: pre-flight, OAuth URL, departure, callback.</summary>
public sealed class ConsentService(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    ISecretBox secrets,
    ElementCatalog catalog,
    DraftCheck draftCheck,
    PlatformProblems platformProblems,
    PortalAddresses addresses,
    AttemptFeed feed,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    ILogger<ConsentService> logger)
{
    private readonly OAuthUrlCheck _oauthUrlCheck = new(addresses, texts);

    /// <summary>
    /// The pre-flight: the draft's fields, then the platform and its credentials, then what the platform itself says
    /// the element needs. It changes nothing.
    /// </summary>
    public async Task<IReadOnlyList<CheckLine>> CheckAsync(Guid id, CancellationToken cancellationToken)
    {
        var parts = await LoadAsync(id, cancellationToken).ConfigureAwait(false);
        if (parts is null) return [new CheckLine(CheckLevel.Failed, texts["Check.Fields"], texts["Draft.Gone"])];

        var lines = parts.Check(draftCheck).ToList();
        if (parts.Account is { } account && catalog.Find(parts.Attempt.ElementKey) is { } element)
        {
            var outcome = await platform.GetElementConfigurationAsync(account, element.Key, cancellationToken).ConfigureAwait(false);
            if (outcome is PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success success)
            {
                lines.Add(new CheckLine(CheckLevel.Passed, texts["Check.Platform"], texts["Check.Platform.Passed", account.Name]));
                lines.Add(CheckRequirements(element, success.Value));
                if (parts.Target is { } target) lines.Add(await CheckTargetAsync(account, target, cancellationToken).ConfigureAwait(false));
            }
            else
            {
                lines.Add(new CheckLine(CheckLevel.Failed, texts["Check.Platform"], platformProblems.From(outcome).Message));
            }
        }

        return lines;
    }

    /// <summary>
    /// Asks the platform for the OAuth URL and checks it. When every line has passed, the attempt awaits consent and
    /// the person may leave by <c>/connect/{attempt}/go</c>; otherwise nothing was changed.
    /// </summary>
    public async Task<IReadOnlyList<CheckLine>> AuthorizeAsync(Guid id, CancellationToken cancellationToken)
    {
        var parts = await LoadAsync(id, cancellationToken).ConfigureAwait(false);
        if (parts is null) return [new CheckLine(CheckLevel.Failed, texts["Check.Fields"], texts["Draft.Gone"])];
        if (!parts.Attempt.IsEditable) return [new CheckLine(CheckLevel.Failed, texts["Check.Fields"], texts["Draft.NotEditable"])];

        var fields = parts.Check(draftCheck);
        if (fields.Any(line => line.Level == CheckLevel.Failed) || parts is not { Account: { } account, App: { } app }) return fields;

        var state = OneTimeValue.Create();
        var callbackUrl = addresses.CallbackUrl;
        var server = parts.Attempt.Configuration.GetValueOrDefault(ElementCatalog.ServerKey);
        var started = clock.GetTimestamp();
        var outcome = await platform.GetOAuthUrlAsync(
            account, new OAuthUrlRequest(parts.Attempt.ElementKey, app, callbackUrl, state, server), cancellationToken).ConfigureAwait(false);
        if (outcome is not PlatformOutcome<string>.Success success)
            return [.. fields, new CheckLine(CheckLevel.Failed, texts["Check.OAuthUrl"], platformProblems.From(outcome).Message)];

        var lines = fields.Concat(_oauthUrlCheck.Check(success.Value, account, state, callbackUrl, app.ClientId)).ToList();
        if (lines.Any(line => line.Level == CheckLevel.Failed)) return lines;

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = parts.Attempt;
        db.Attempts.Attach(attempt);
        attempt.AwaitConsent(
            OneTimeValue.Hash(state), secrets.Seal(SecretKind.OAuthUrl, id, success.Value), callbackUrl, clock.GetUtcNow(), options.Value.ConsentLifetime,
            new HistoryCall(success.RequestId, clock.GetElapsedTime(started)));
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException exception) when (LostRace.Is(exception))
        {
            return [new CheckLine(CheckLevel.Failed, texts["Check.Fields"], texts["Draft.Stale"])];
        }

        AttemptLog.Moved(logger, id, attempt.State, AttemptEvent.OAuthUrlObtained);
        feed.Publish(id);
        return lines;
    }

    /// <summary>A browser, known by the hash of its cookie, leaves for the provider.</summary>
    public async Task<Departure> LeaveAsync(Guid id, byte[] browserHash, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is null) return new Departure(null, AttemptExists: false);
        var now = clock.GetUtcNow();
        if (attempt.State != AttemptState.AwaitingConsent || attempt.ConsentExpiresAt <= now) return new Departure(null, AttemptExists: true);

        try
        {
            var url = new Uri(secrets.Open(attempt.OAuthUrlOf!));
            attempt.Leave(browserHash, now);
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            return new Departure(url, AttemptExists: true);
        }
        catch (SecretUnreadableException)
        {
            // The key ring changed meanwhile: the review asks for a new URL.
            return new Departure(null, AttemptExists: true);
        }
        catch (DbUpdateException exception) when (LostRace.Is(exception))
        {
            return new Departure(null, AttemptExists: true);
        }
    }

    /// <summary>Takes what the provider's redirect brought. Whatever it is and however often it comes, it counts once.</summary>
    public async Task<CallbackOutcome> ReceiveAsync(Callback callback, CancellationToken cancellationToken)
    {
        if (!OneTimeValue.HasForm(callback.State)) return new CallbackOutcome.UnknownState();

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var hash = OneTimeValue.Hash(callback.State!);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.StateHash == hash, cancellationToken).ConfigureAwait(false);
        if (attempt is null) return new CallbackOutcome.UnknownState();
        if (attempt.State != AttemptState.AwaitingConsent) return new CallbackOutcome.Attempt(attempt.Id, Again: true);

        var now = clock.GetUtcNow();
        AttemptEvent happened;
        if (attempt.ConsentExpiresAt <= now)
        {
            attempt.Expire(now);
            happened = AttemptEvent.TimeRanOut;
        }
        else if (!OneTimeValue.Matches(callback.BrowserValue, attempt.BrowserHash))
        {
            return new CallbackOutcome.OtherBrowser(attempt.Id);
        }
        else if (!string.IsNullOrEmpty(callback.Error))
        {
            attempt.ReceiveError(ReadError(callback), now);
            happened = AttemptEvent.ErrorReturned;
        }
        else if (callback.Code is { Length: > 0 and <= Callback.MaxCodeLength } code && Rules.IsPrintable(code))
        {
            var sealedCode = secrets.Seal(SecretKind.OAuthCode, attempt.Id, code);
            var consented = ReadServer(callback.Scope);
            var expected = await ExpectedServerAsync(db, attempt, cancellationToken).ConfigureAwait(false);
            if (consented is not null && expected is not null && consented != expected)
            {
                attempt.HoldCode(sealedCode, consented, expected, now);
                happened = AttemptEvent.OtherAccountReturned;
            }
            else
            {
                attempt.ReceiveCode(sealedCode, consented, now);
                happened = AttemptEvent.CodeReturned;
            }
        }
        else
        {
            return new CallbackOutcome.Incomplete();
        }

        try
        {
            // A callback is not given up because the browser went away: the code is good for one try only.
            await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (DbUpdateException exception) when (LostRace.Is(exception))
        {
            // Of two deliveries at once the other one was first; it did all there is to do.
            return new CallbackOutcome.Attempt(attempt.Id, Again: true);
        }

        AttemptLog.Moved(logger, attempt.Id, attempt.State, happened);
        feed.Publish(attempt.Id);
        return new CallbackOutcome.Attempt(attempt.Id, Again: false);
    }

    /// <summary>
    /// What a person decided about a consent for another Infusionsoft account than the one that was entered: to go on with
    /// it, or to end here. Going on sends the code at once; ending erases it.
    /// </summary>
    /// <returns>Whether it counted: somebody else may have decided before, or the code grown too old.</returns>
    public async Task<bool> DecideAsync(Guid id, bool accept, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is not { State: AttemptState.AwaitingDecision }) return false;
        var now = clock.GetUtcNow();
        var isLate = now >= attempt.CodeReceivedAt + options.Value.CodeLifetime;
        if (isLate) attempt.LapseDecision(now);
        else if (accept) attempt.Accept(now);
        else attempt.Decline(now);
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException exception) when (LostRace.Is(exception))
        {
            return false;
        }

        AttemptLog.Moved(logger, id, attempt.State, isLate ? AttemptEvent.TimeRanOut : accept ? AttemptEvent.Accepted : AttemptEvent.Declined);
        feed.Publish(id);
        return !isLate;
    }

    // What was entered in the wizard; for an instance that exists, what it belongs to.
    private static async Task<string?> ExpectedServerAsync(PortalDb db, ProvisioningAttempt attempt, CancellationToken cancellationToken)
    {
        var expected = attempt.Configuration.GetValueOrDefault(ElementCatalog.ServerKey);
        if (expected is null && attempt.IsReauthentication)
        {
            expected = await db.Instances.Where(row => row.Id == attempt.TargetInstanceId).Select(row => row.AccountServer)
                .SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        }

        return AccountServer.TryParse(expected, out var server, out _) ? server.Host : null;
    }

    private static AttemptEnding ReadError(Callback callback)
    {
        var isDenial = callback.Error == "access_denied";
        var text = string.IsNullOrWhiteSpace(callback.ErrorDescription) ? callback.Error : $"{callback.Error}: {callback.ErrorDescription}";
        return new AttemptEnding(isDenial ? EndingReason.AccessDenied : EndingReason.ProviderError, Message: text);
    }

    // "full|tv265.infusionsoft.com" (platform contract, section 7). Anything else is left out: it is a courtesy.
    private static string? ReadServer(string? scope) =>
        scope?.Split('|') is [_, var host] && AccountServer.TryParse(host, out var server, out _) ? server.Host : null;

    private CheckLine CheckRequirements(ElementDefinition element, IReadOnlyList<PlatformConfigurationEntry> entries)
    {
        // What the portal sends for every element, whatever its fields.
        string[] always = ["oauth.api.key", "oauth.api.secret", "oauth.callback.url"];
        var missing = entries.Where(entry => entry is { Required: true, Internal: false } && !always.Contains(entry.Key) && element.Field(entry.Key) is null
                && !element.FixedConfiguration.ContainsKey(entry.Key)).Select(entry => entry.Key).ToList();
        return missing.Count == 0
            ? new CheckLine(CheckLevel.Passed, texts["Check.Element"], texts["Check.Element.Passed", element.Name])
            : new CheckLine(CheckLevel.Warning, texts["Check.Element"], texts["Check.Element.Missing", OutsideText.Clean(string.Join(", ", missing), 500) ?? ""]);
    }

    private async Task<CheckLine> CheckTargetAsync(PlatformAccount account, ElementInstance target, CancellationToken cancellationToken)
    {
        var told = await platform.GetAsync(account, target.PlatformId, cancellationToken).ConfigureAwait(false);
        return told switch
        {
            PlatformOutcome<PlatformInstance>.Success { Value.IsDisabled: true } => new CheckLine(CheckLevel.Warning, texts["Check.Instance"], texts["Check.Instance.Disabled", target.Name]),
            PlatformOutcome<PlatformInstance>.Success => new CheckLine(CheckLevel.Passed, texts["Check.Instance"], texts["Check.Instance.Passed", target.Name]),
            PlatformOutcome<PlatformInstance>.Refused { Status: 404 } => new CheckLine(CheckLevel.Failed, texts["Check.Instance"], texts["Check.Instance.Missing", target.Name]),
            _ => new CheckLine(CheckLevel.Failed, texts["Check.Instance"], platformProblems.From(told).Message),
        };
    }

    private async Task<Parts?> LoadAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is null) return null;
        return new Parts(
            attempt,
            await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false),
            await db.ProviderApps.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.ProviderAppId, cancellationToken).ConfigureAwait(false),
            attempt.IsReauthentication
                ? await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.TargetInstanceId, cancellationToken).ConfigureAwait(false)
                : null);
    }

    private sealed record Parts(ProvisioningAttempt Attempt, PlatformAccount? Account, ProviderApp? App, ElementInstance? Target)
    {
        public IReadOnlyList<CheckLine> Check(DraftCheck check) => check.Check(Attempt, Account is not null, App is not null, Target is not null);
    }
}
