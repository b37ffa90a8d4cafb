using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Domain;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;

namespace AdminPortal.Provisioning.Tests.Model;

/// <summary>The tenant as one process reaches it: before and after every call the process may die, or another one may act.</summary>
internal sealed class ModelPlatform(ModelTenant tenant, ModelProcess process) : IElementsPlatform
{
    private const int PageSize = 2;

    private static readonly TimeSpan Late = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan MuchLater = TimeSpan.FromMinutes(20);

    public async Task<PlatformOutcome<string>> GetOAuthUrlAsync(PlatformAccount account, OAuthUrlRequest request, CancellationToken cancellationToken)
    {
        await process.ReachAsync(Place.BeforePlatform);
        PlatformOutcome<string> told = ModelTenant.Next(tenant.UrlFaults) switch
        {
            CallFault.None => new PlatformOutcome<string>.Success(TestSupport.FakePlatform.GoodUrl(request), "url-1"),
            CallFault.Refused => Refuse<string>(401),
            CallFault.Unreachable => new PlatformOutcome<string>.Unreachable(UnsentReason.NotConnected),
            _ => new PlatformOutcome<string>.Unknown(UnclearReason.TimedOut),
        };
        tenant.LastState = told is PlatformOutcome<string>.Success ? request.State : null;
        await process.ReachAsync(Place.AfterPlatform);
        return told;
    }

    public async Task<PlatformOutcome<PlatformInstance>> CreateAsync(PlatformAccount account, NewInstance instance, CancellationToken cancellationToken)
    {
        await process.ReachAsync(Place.BeforePlatform);
        var tag = instance.Tags.Single(tag => tag.StartsWith("portal:", StringComparison.Ordinal));
        var attempt = Guid.Parse(tag["portal:".Length..]);
        // As the client does it: paused since the claim, it sends nothing.
        if (instance.Deadline!.IsPast) return new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.Paused);
        var fault = ModelTenant.Next(tenant.SendFaults);
        var (send, sentAt) = await SendAsync(attempt, instance.Code, fault);
        TenantRow? row = null;
        if (send.IsDone)
        {
            var visible = fault switch
            {
                SendFault.LostAndDoneLater => tenant.Time + Max(TimeSpan.Zero, Late - (process.Clock.GetUtcNow() - sentAt)),
                SendFault.LostAndDoneMuchLater => tenant.Time + MuchLater,
                _ => tenant.Time,
            };
            row = Add(instance, attempt, visible);
            if (fault is SendFault.DoneTwice or SendFault.LostAndDoneTwice) _ = Add(instance, attempt, visible);
        }

        await AfterSendAsync(send);
        return Told(fault, row);
    }

    public async Task<PlatformOutcome<PlatformInstance>> ReauthenticateAsync(
        PlatformAccount account, long id, Reauthentication reauthentication, CancellationToken cancellationToken)
    {
        await process.ReachAsync(Place.BeforePlatform);
        if (reauthentication.Deadline!.IsPast) return new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.Paused);
        var code = reauthentication.Code.Value.Ciphertext;
        var row = tenant.Find(id);
        var fault = row is null ? SendFault.Refused : ModelTenant.Next(tenant.SendFaults);
        var (send, _) = await SendAsync(tenant.Codes.GetValueOrDefault(code), reauthentication.Code, fault);
        if (send.IsDone)
        {
            if (fault is SendFault.LostAndDoneLater or SendFault.LostAndDoneMuchLater) tenant.Later.Add((tenant.Time + Late, row!));
            else row!.Renewals++;
            row!.RefreshedAt = process.Clock.GetUtcNow();
        }

        await AfterSendAsync(send);
        return row is null ? Refuse<PlatformInstance>(404) : Told(fault, row);
    }

    public async Task<PlatformOutcome<PlatformInstance>> GetAsync(PlatformAccount account, long id, CancellationToken cancellationToken)
    {
        await process.ReachAsync(Place.BeforePlatform);
        var fault = ModelTenant.Next(tenant.GetFaults);
        if (fault == CallFault.WithoutToken) tenant.GaveNoToken = true;
        var row = tenant.Find(id);
        var told = fault switch
        {
            CallFault.Unreachable => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected),
            CallFault.Busy => Refuse<PlatformInstance>(429),
            CallFault.Unknown or CallFault.UnknownAndDone => new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.ServerError, 500),
            _ when row is null => Refuse<PlatformInstance>(404),
            CallFault.WithoutToken => new PlatformOutcome<PlatformInstance>.Success(Tell(row) with { Token = null }, "get-1"),
            _ => new PlatformOutcome<PlatformInstance>.Success(Tell(row), "get-1"),
        };
        await process.ReachAsync(Place.AfterPlatform);
        return told;
    }

    public async Task<PlatformOutcome<PlatformInstancePage>> ListAsync(PlatformAccount account, string? tag, string? page, CancellationToken cancellationToken)
    {
        await process.ReachAsync(Place.BeforePlatform);
        var fault = ModelTenant.Next(tenant.ListFaults);
        var after = page is null ? 0 : long.Parse(page.TrimEnd('+'), CultureInfo.InvariantCulture);
        var rest = tenant.Rows.Values.Where(row => row.Id > after && tenant.Find(row.Id) is not null && (tag is null || row.Tags.Contains(tag)))
            .OrderBy(row => row.Id).Take(PageSize + 1).Select(Tell).ToList();
        var next = rest.Count > PageSize ? rest[PageSize - 1].Id.ToString(CultureInfo.InvariantCulture) : null;
        rest = [.. rest.Take(PageSize)];
        var told = fault switch
        {
            ListFault.Refused => Refuse<PlatformInstancePage>(403),
            ListFault.Unreachable => new PlatformOutcome<PlatformInstancePage>.Unreachable(UnsentReason.Tls),
            ListFault.Unknown => new PlatformOutcome<PlatformInstancePage>.Unknown(UnclearReason.Unreadable),
            ListFault.EmptyPage => Page([], $"{page ?? "0"}+"),
            ListFault.RepeatedCursor => Page([], "0"),
            ListFault.FilterFindsNothing when tag is not null => Page([], null),
            ListFault.WithoutTokens => Page([.. rest.Select(row => row with { Token = null })], next),
            _ => Page(rest, next),
        };
        await process.ReachAsync(Place.AfterPlatform);
        return told;

        static PlatformOutcome<PlatformInstancePage> Page(IReadOnlyList<PlatformInstance> rows, string? next) =>
            new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage(rows, next), "list-1");
    }

    public async Task<PlatformOutcome<PlatformPong>> PingAsync(PlatformAccount account, Secret token, CancellationToken cancellationToken)
    {
        await process.ReachAsync(Place.BeforePlatform);
        PlatformOutcome<PlatformPong> told = ModelTenant.Next(tenant.PingFaults) switch
        {
            CallFault.Unreachable => new PlatformOutcome<PlatformPong>.Unreachable(UnsentReason.NotConnected),
            CallFault.Unknown or CallFault.UnknownAndDone => new PlatformOutcome<PlatformPong>.Unknown(UnclearReason.TimedOut),
            CallFault.Busy => Refuse<PlatformPong>(429),
            CallFault.Refused => Refuse<PlatformPong>(401),
            _ => tenant.Rows.Values.Any(row => row.Token == token.Value.Ciphertext)
                ? new PlatformOutcome<PlatformPong>.Success(new PlatformPong(null), "ping-1")
                : Refuse<PlatformPong>(401),
        };
        await process.ReachAsync(Place.AfterPlatform);
        return told;
    }

    public async Task<PlatformOutcome<Done>> DeleteAsync(
        PlatformAccount account, long id, CancellationToken cancellationToken, SendDeadline? deadline = null)
    {
        await process.ReachAsync(Place.BeforePlatform);
        var fault = ModelTenant.Next(tenant.DeleteFaults);
        var row = tenant.Find(id);
        PlatformOutcome<Done> told = fault switch
        {
            CallFault.Unreachable => new PlatformOutcome<Done>.Unreachable(UnsentReason.NotConnected),
            CallFault.Busy => Refuse<Done>(429),
            CallFault.Refused => Refuse<Done>(403),
            CallFault.Unknown or CallFault.UnknownAndDone => new PlatformOutcome<Done>.Unknown(UnclearReason.TimedOut),
            _ when row is null => Refuse<Done>(404),
            _ => new PlatformOutcome<Done>.Success(default, "delete-1"),
        };
        if (row is not null && (told is PlatformOutcome<Done>.Success || fault == CallFault.UnknownAndDone)) row.IsDeleted = true;
        await process.ReachAsync(Place.AfterPlatform);
        return told;
    }

    public Task<PlatformOutcome<PlatformInstance>> UpdateAsync(PlatformAccount account, long id, InstanceChange change, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PlatformOutcome<PlatformInstance>> ConfigureAsync(PlatformAccount account, long id, JsonObject configuration, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PlatformOutcome<long>> CountAsync(PlatformAccount account, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PlatformOutcome<IReadOnlyList<InstanceConfigurationEntry>>> GetConfigurationAsync(PlatformAccount account, long id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PlatformOutcome<InstanceConfigurationEntry>> SetConfigurationAsync(PlatformAccount account, long id, long entryId, string value, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PlatformOutcome<Done>> SetTraceLoggingAsync(PlatformAccount account, long id, int? minutes, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PlatformOutcome<JsonElement>> GetDocsAsync(PlatformAccount account, long id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PlatformOutcome<InstanceResponse>> SendAsync(PlatformAccount account, Secret token, InstanceRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PlatformOutcome<Done>> SetEnabledAsync(
        PlatformAccount account, long id, bool enabled, CancellationToken cancellationToken, SendDeadline? deadline = null) =>
        throw new NotSupportedException();

    // What the pre-flight reads changes nothing, so it is no part of the model.
    public Task<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>> GetElementConfigurationAsync(PlatformAccount account, string elementKey, CancellationToken cancellationToken) =>
        Task.FromResult<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>>(new PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success([], null));

    public Task<PlatformOutcome<PlatformElement>> GetElementAsync(PlatformAccount account, string elementKey, CancellationToken cancellationToken) =>
        Task.FromResult<PlatformOutcome<PlatformElement>>(new PlatformOutcome<PlatformElement>.Success(new PlatformElement(true, false), null));

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static PlatformOutcome<T> Refuse<T>(int status) => new PlatformOutcome<T>.Refused(status, "No.", null, "refused-1", null);

    // The code leaves: it must be the attempt's own, and the claim must be in the database already.
    private async Task<(TenantSend Send, DateTimeOffset SentAt)> SendAsync(Guid attempt, Secret secret, SendFault fault)
    {
        var code = secret.Value.Ciphertext;
        if (tenant.Codes.GetValueOrDefault(code) != attempt) tenant.Violations.Add($"Attempt {attempt} sent a code that is not its own: {code}.");
        if (tenant.Sends.Any(sent => sent.Code == code && !sent.MayBeRepeated)) tenant.Violations.Add($"Code {code} was sent again, though the first request may have been carried out.");

        await using var db = ModelStage.OpenDatabase(process.DataDirectory);
        var claim = db.Attempts.Where(row => row.Id == attempt).Select(row => new { row.State, row.ClaimedBy, row.SentAt }).Single();
        if (claim.State.ToString() != AttemptModel.Provisioning || claim.ClaimedBy is null) tenant.Violations.Add($"Code {code} left while its attempt was {claim.State} in the database.");

        var send = new TenantSend
        {
            Attempt = attempt,
            Code = code,
            Fault = fault,
            IsDone = fault is not (SendFault.Refused or SendFault.Busy or SendFault.BusyForAWhile or SendFault.Unreachable or SendFault.LostAndNotDone),
            MayBeRepeated = false,
        };
        tenant.Sends.Add(send);
        return (send, claim.SentAt ?? process.Clock.GetUtcNow());
    }

    private async Task AfterSendAsync(TenantSend send)
    {
        await process.ReachAsync(Place.AfterPlatform);
        send.MayBeRepeated = send.Fault is SendFault.Busy or SendFault.BusyForAWhile or SendFault.Unreachable;
    }

    private TenantRow Add(NewInstance instance, Guid attempt, TimeSpan visible) => tenant.Rows[tenant.NextId] = new TenantRow
    {
        Id = tenant.NextId++,
        Name = instance.Name,
        Element = instance.Element.Key,
        Tags = [.. instance.Tags],
        Server = instance.Configuration.GetValueOrDefault(ElementCatalog.ServerKey),
        Attempt = attempt,
        VisibleFrom = visible,
        RefreshedAt = process.Clock.GetUtcNow(),
    };

    private static PlatformOutcome<PlatformInstance> Told(SendFault fault, TenantRow? row) => fault switch
    {
        SendFault.Refused => new PlatformOutcome<PlatformInstance>.Refused(400, "You must provide an OAuth code", "invalid_grant", "refused-1", null),
        SendFault.Busy => Refuse<PlatformInstance>(429),
        SendFault.BusyForAWhile => new PlatformOutcome<PlatformInstance>.Refused(429, "Slow down.", null, "refused-2", TimeSpan.FromSeconds(97)),
        SendFault.Unreachable => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NameNotFound),
        SendFault.LostAndNotDone or SendFault.LostAndDone or SendFault.LostAndDoneLater or SendFault.LostAndDoneMuchLater or SendFault.LostAndDoneTwice =>
            new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.ConnectionLost),
        // The client takes an answer to a creation without a token for none at all.
        SendFault.WithoutToken when row!.Renewals == 0 => new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.Unreadable, 200),
        SendFault.WithoutToken => new PlatformOutcome<PlatformInstance>.Success(Tell(row!) with { Token = null }, "sent-1"),
        _ => new PlatformOutcome<PlatformInstance>.Success(Tell(row!), "sent-1"),
    };

    private static PlatformInstance Tell(TenantRow row) => new(
        row.Id, row.Name, row.Token, row.Element, row.Tags, true, false, null,
        new Dictionary<string, string?>
        {
            [ElementCatalog.ServerKey] = row.Server,
            ["oauth.user.refresh_time"] = row.RefreshedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            ["oauth.user.refresh_interval"] = "28800",
        });
}
