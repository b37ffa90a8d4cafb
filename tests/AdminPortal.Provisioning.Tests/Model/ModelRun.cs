using System.Security.Cryptography;
using System.Text;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Model;

/// <summary>
/// One sequence: carries its steps out on two processes and one database, and compares after every step what is stored
/// with what <see cref="AttemptModel"/> allows and with what <see cref="ModelTenant"/> was asked.
/// </summary>
internal sealed partial class ModelRun : IAsyncDisposable
{
    private const string OtherServer = "ab456.infusionsoft.com";

    private static readonly Actor Ada = InstanceSeed.Ada;

    private readonly TemporaryFolder _folder = new();
    private readonly TestClock _clock = new();
    private readonly ModelTenant _tenant = new();
    private readonly Interruption _interruption = new();
    private readonly ModelProcess[] _processes = new ModelProcess[2];
    private readonly List<ModelAttempt> _attempts = [];
    private readonly Dictionary<Guid, string[]> _expected = [];
    private readonly string[] _browsers = [OneTimeValue.Create(), OneTimeValue.Create()];
    private readonly List<string> _log = [];
    private Guid _account;
    private Guid _app;
    private int _codes;
    private int _names;
    private bool _mayWork;
    private bool _isNested;

    private ModelRun()
    {
    }

    /// <summary>What was done, step by step, with what each attempt was afterwards.</summary>
    public IReadOnlyList<string> Log => _log;

    /// <summary>Carries a sequence out; throws where the portal did what the model does not allow.</summary>
    public static async Task CheckAsync(IReadOnlyList<int> numbers)
    {
        await using var run = new ModelRun();
        try
        {
            await run.BeginAsync();
            foreach (var number in numbers) await run.StepAsync(new ModelStep(number));
            await run.ComeToRestAsync();
        }
        catch (Exception exception)
        {
            throw new ModelViolationException($"{exception.Message}{Environment.NewLine}{string.Join(Environment.NewLine, run.Log)}{Environment.NewLine}{exception}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
        ModelStage.Close(_folder.Path);
        _folder.Dispose();
    }

    private DateTimeOffset Now => _clock.GetUtcNow();

    private async Task BeginAsync()
    {
        (var file, _account, _app) = await ModelStage.StartAsync();
        await File.WriteAllBytesAsync(ModelStage.FileIn(_folder.Path), file);
        for (var i = 0; i < _processes.Length; i++) _processes[i] = new ModelProcess(_folder.Path, _clock, _tenant, _interruption);
        // Somebody else's instances: a search has more than one page to read.
        for (var id = 1; id <= 3; id++) _tenant.Rows[id] = new TenantRow { Id = id, Name = "Another's", Element = ElementKey.Rest, Tags = ["theirs"] };
    }

    private async Task StepAsync(ModelStep step)
    {
        _log.Add(step.ToString());
        Advance(TimeSpan.FromMilliseconds(1));
        await DoAsync(_processes[step.C % 2], step);
    }

    private async Task DoAsync(ModelProcess process, ModelStep step)
    {
        _interruption.HasHappened = false;
        _expected.Clear();
        _mayWork = false;
        await CarryOutAsync(process, step);
        await ReviveAsync();
        await CompareAsync();
    }

    private async Task CarryOutAsync(ModelProcess process, ModelStep step)
    {
        try
        {
            await ActAsync(process, step);
        }
        catch (ProcessDiedException) when (!_isNested)
        {
            _log.Add("  the process died");
        }
        catch (Exception exception) when (IsStorageError(exception))
        {
            _log.Add("  the storage failed");
        }
    }

    // Only an error that was planted: what the database says of its own accord is a fault of the portal's.
    private static bool IsStorageError(Exception exception) => (exception as SqliteException ?? exception.InnerException as SqliteException) is { Message: PlantedError };

    private const string PlantedError = "planted";

    private async Task ReviveAsync()
    {
        for (var i = 0; i < _processes.Length; i++)
        {
            if (!_processes[i].IsDead) continue;
            await _processes[i].DisposeAsync();
            _processes[i] = new ModelProcess(_folder.Path, _clock, _tenant, _interruption);
        }
    }

    private void Advance(TimeSpan by)
    {
        if (by < TimeSpan.Zero) _clock.AdjustTime(_clock.GetUtcNow() + by);
        else _clock.Advance(by);
        _tenant.Advance(by);
    }

    // One of the last four: with many attempts under way little would happen to each.
    private ModelAttempt? Pick(int number) => _attempts.Count == 0 ? null : _attempts[^(1 + (number % Math.Min(4, _attempts.Count)))];

    private void Expect(ModelAttempt attempt, string[] events) => _expected[attempt.Id] = events;

    private const string Discarded = "Discarded";

    private PortalDb Open() => ModelStage.OpenDatabase(_folder.Path);

    /// <summary>Compares everything that is stored with what the model allows; the model is then where the portal is.</summary>
    private async Task CompareAsync()
    {
        var happened = _interruption.HasHappened;
        if (_tenant.Violations is [var violation, ..]) throw new ModelViolationException(violation);
        await using var db = Open();
        var rows = await db.Attempts.AsNoTracking().ToListAsync();
        // In the order in which they were written.
        var lines = (await db.AttemptHistory.FromSqlRaw("SELECT * FROM AttemptHistory ORDER BY rowid").AsNoTracking().ToListAsync()).ToLookup(line => line.AttemptId);
        var instances = await db.Instances.AsNoTracking().ToListAsync();
        foreach (var row in rows)
        {
            if (_attempts.Find(known => known.Id == row.Id) is not { } attempt)
            {
                // Its process died before it could tell.
                Demand(happened, "An attempt appeared that nobody began.");
                attempt = Know(new ModelAttempt { Id = row.Id, Previous = row.PreviousAttemptId, Target = row.TargetInstanceId, Element = row.ElementKey });
            }

            Follow(attempt, row, [.. lines[row.Id].Skip(attempt.Seen)], happened);
            var entered = row.Configuration.GetValueOrDefault(ElementCatalog.ServerKey);
            attempt.Server = entered ?? instances.Find(instance => instance.Id == row.TargetInstanceId)?.AccountServer;
            attempt.IsFilledIn = row.ProviderAppId is not null && row.Name.Length > 0 && (entered is not null || row.ElementKey == ElementKey.Rest)
                && (row.TargetInstanceId is null || instances.Exists(instance => instance.Id == row.TargetInstanceId));
            CheckRow(row, lines[row.Id].Last(), instances);
        }

        foreach (var attempt in _attempts.Where(attempt => attempt.State != Discarded && rows.TrueForAll(row => row.Id != attempt.Id)).ToList())
        {
            Demand(happened, $"Attempt {attempt.Id} is gone.");
            Forget(attempt);
        }

        foreach (var instance in instances)
        {
            var tenants = _tenant.Rows.GetValueOrDefault(instance.PlatformId);
            Demand(tenants is not null, $"Instance {instance.PlatformId} is stored and was never there.");
            Demand(Enumerable.Range(0, tenants!.Renewals + 1).Any(turn => instance.Token.Ciphertext == $"token-{instance.PlatformId}-{turn}"), "A stored token is not the platform's.");
        }

        var orphans = await db.Orphans.AsNoTracking().ToListAsync();
        Demand(orphans.DistinctBy(orphan => orphan.PlatformId).Count() == orphans.Count, "An orphan was recorded twice.");
        Demand(orphans.TrueForAll(orphan => _tenant.Rows[orphan.PlatformId].Attempt == orphan.AttemptId), "An orphan is another attempt's.");
        if (_mayWork && !happened) CheckNothingIsLeft(rows);
        foreach (var attempt in _attempts) _expected[attempt.Id] = [];
    }

    private void Follow(ModelAttempt attempt, ProvisioningAttempt row, List<AttemptHistoryEntry> added, bool happened)
    {
        var events = added.ConvertAll(line => line.Event.ToString());
        if (events.Count > 0) _log.Add($"    {attempt.Id.ToString()[^4..]}: {attempt.State} {string.Join(' ', events)} -> {row.State}, {row.Ending?.Reason}");
        foreach (var line in added)
        {
            var (_, _, to) = AttemptModel.Lines.FirstOrDefault(allowed => allowed.From == attempt.State && allowed.Event == line.Event.ToString());
            Demand(to is not null, $"{line.Event} while {attempt.State}.");
            Demand(to == line.State.ToString(), $"{line.Event} led from {attempt.State} to {line.State}.");
            Demand(attempt.State != AttemptModel.Failed || attempt.Last == "ProvedAbsent", $"{line.Event} after it ended with {attempt.Last}.");
            attempt.State = to!;
            attempt.Last = line.Event.ToString();
            if (line.Event == AttemptEvent.OAuthUrlObtained) attempt.ExpiresAt = line.At + AttemptModel.ConsentLifetime;
            if (line.Event is AttemptEvent.CodeReturned or AttemptEvent.OtherAccountReturned) attempt.ReceivedAt = line.At;
            if (line.Event == AttemptEvent.PutBack) attempt.WasPutBack = true;
            // A step's own waiting may lie between the look at the clock and the claim.
            if (line.Event == AttemptEvent.Claimed && attempt.WasPutBack && !happened)
                Demand(line.At < attempt.ReceivedAt + AttemptModel.CodeLifetime, "A code that had grown too old was tried again.");
        }

        Demand(attempt.State == row.State.ToString(), $"The history ends with {attempt.State}, the attempt is {row.State}.");
        if (!happened && !_mayWork)
            Demand(events.SequenceEqual(_expected.GetValueOrDefault(attempt.Id) ?? []), $"Expected [{string.Join(' ', _expected.GetValueOrDefault(attempt.Id) ?? [])}], found [{string.Join(' ', events)}].");
        else if (!happened)
            Demand(events.TrueForAll(AttemptModel.WorkersEvents.Contains), $"The worker wrote [{string.Join(' ', events)}].");

        Demand(events.Count == 0 || attempt.Seen == 0 || row.Version > attempt.Version, "A change did not raise the version.");
        Demand(row.Version >= attempt.Version, "The version went back.");
        Demand(row.Version != attempt.Version || attempt.Seen == 0 || row.UpdatedAt == attempt.UpdatedAt, "It was changed without raising the version.");
        // An edit of the draft may have followed the last line.
        Demand(events.Count == 0 || row.UpdatedAt == added[^1].At || row.IsEditable, "The time of the last change is not that of the last line.");
        attempt.Seen += added.Count;
        attempt.Version = row.Version;
        attempt.UpdatedAt = row.UpdatedAt;
        attempt.Live = attempt.Sent.Find(state => IsHashOf(state, row.StateHash));
        attempt.Browser = Array.Find(_browsers, browser => IsHashOf(browser, row.BrowserHash));
        Demand((attempt.Live is null) == (row.StateHash is null), "A state is stored that was not sent.");
    }

    private static bool IsHashOf(string value, byte[]? hash) => hash is not null && SHA256.HashData(Encoding.ASCII.GetBytes(value)).AsSpan().SequenceEqual(hash);

    private void CheckRow(ProvisioningAttempt row, AttemptHistoryEntry last, List<ElementInstance> instances)
    {
        var state = row.State.ToString();
        var holdsCode = state is AttemptModel.CodeReceived or AttemptModel.AwaitingDecision or AttemptModel.Provisioning;
        Demand((row.Code is not null) == holdsCode, $"The code is {(row.Code is null ? "not there" : "kept")} while {state}.");
        Demand(row.Code is null || _tenant.Codes.GetValueOrDefault(row.Code.Ciphertext) == row.Id, "The code is not the attempt's own.");
        Demand(state != AttemptModel.Draft || (row.StateHash is null && row.BrowserHash is null), "A draft's old state is still good.");
        Demand((row.OAuthUrl is not null) == (state == AttemptModel.AwaitingConsent), $"The address at the provider is {(row.OAuthUrl is null ? "not there" : "kept")} while {state}.");
        Demand((row.ClaimedBy is not null) == (state == AttemptModel.Provisioning) && (row.LeaseUntil is not null) == (state == AttemptModel.Provisioning), $"The lease is wrong while {state}.");
        Demand(row.State is not (AttemptState.Denied or AttemptState.Expired or AttemptState.Failed) || row is { Ending: not null, CompletedAt: not null }, $"{state} without an explanation.");
        // What was not found is searched for a day; nothing else happens to what has ended.
        Demand(row.State is not (AttemptState.Denied or AttemptState.Expired or AttemptState.Failed) || row.NextAt is null || row.Ending!.Reason == EndingReason.NothingCreated, $"{state}, and something is due.");
        if (row.State is AttemptState.Denied or AttemptState.Expired or AttemptState.Failed && AttemptModel.Reasons.TryGetValue(last.Event.ToString(), out var reasons))
            Demand(reasons.Contains(row.Ending!.Reason.ToString()), $"{last.Event} ended it with {row.Ending.Reason}.");

        var sends = _tenant.Sends.FindAll(send => send.Attempt == row.Id);
        Demand(sends.Where(send => send.IsDone).GroupBy(send => send.Code).All(code => code.Count() == 1), "One code was carried out twice.");
        if (row.State == AttemptState.Active)
        {
            Demand(row is { SealedConfiguration.Count: 0, InstanceId: not null, PlatformInstanceId: not null, CompletedAt: not null, Ending: null }, "Active, and not completely.");
            var tenants = _tenant.Rows.GetValueOrDefault(row.PlatformInstanceId!.Value);
            Demand(tenants is not null, "Active without an instance on the platform.");
            var stored = instances.Find(instance => instance.Id == row.InstanceId);
            Demand(stored is not null ? stored.PlatformId == row.PlatformInstanceId : tenants!.IsDeleted, "Active, and its instance is not stored.");
            if (row.TargetInstanceId is null)
                Demand(tenants!.Attempt == row.Id, "Active with another attempt's instance.");
            else
                Demand(sends.Exists(send => send.IsDone) || IsExcused(row, tenants!), "Active, and the platform authorized nothing.");
        }

        var isDone = sends.Exists(send => send.IsDone);
        var reason = row.Ending?.Reason.ToString();
        if (row.State != AttemptState.Failed) return;
        if (row.TargetInstanceId is null)
            Demand(!isDone || (row.NextAt is not null && sends.TrueForAll(send => !send.IsDone || send.Fault == SendFault.LostAndDoneMuchLater)), $"Failed with {reason}, and the platform created an instance.");
        else
            Demand(!isDone || reason == "TargetGone", $"Failed with {reason}, and the platform authorized the instance.");
    }

    // The platform's time of an authorization that was not ours, shortly before: it cannot be told from ours.
    private static bool IsExcused(ProvisioningAttempt row, TenantRow tenants) => tenants.IsDeleted || tenants.RefreshedAt >= row.SentAt - AttemptModel.Skew;

    // Whatever was due has been taken up: nothing waits that nobody is at.
    private void CheckNothingIsLeft(List<ProvisioningAttempt> rows)
    {
        foreach (var row in rows)
        {
            var isLeft = row.State.ToString() switch
            {
                AttemptModel.CodeReceived or AttemptModel.Ambiguous => row.NextAt is null || row.NextAt < Now,
                AttemptModel.AwaitingConsent => row.ConsentExpiresAt <= Now,
                AttemptModel.AwaitingDecision => row.CodeReceivedAt + AttemptModel.CodeLifetime <= Now,
                AttemptModel.Provisioning => row.LeaseUntil <= Now,
                AttemptModel.Active or AttemptModel.Failed => row.NextAt < Now,
                _ => false,
            };
            Demand(!isLeft, $"The worker left an attempt that was due while {row.State}.");
        }
    }

    /// <summary>Everything works again and time passes: every consent must come to an instance or to an explanation.</summary>
    private async Task ComeToRestAsync()
    {
        _interruption.Disarm();
        _tenant.ClearFaults();
        _log.Add("coming to rest");
        var wait = TimeSpan.FromSeconds(2);
        for (var turn = 0; ; turn++)
        {
            Demand(turn < 60, "It does not come to rest.");
            Advance(wait);
            await DoAsync(_processes[turn % 2], new ModelStep(0));
            await using var db = Open();
            var pending = await db.Attempts.AsNoTracking().Where(row => row.State != AttemptState.Draft).ToListAsync();
            if (pending.TrueForAll(row => row is { State: AttemptState.Denied or AttemptState.Expired or AttemptState.Failed, NextAt: null } or { State: AttemptState.Active, VerifiedAt: not null })) break;
            // Soon at first; then until a day of late searches is over.
            wait = TimeSpan.FromSeconds(Math.Min(turn < 30 ? 600 : 10_800, wait.TotalSeconds * 1.5));
        }

        await CheckTheEndAsync();
    }

    private async Task CheckTheEndAsync()
    {
        await using var db = Open();
        var attempts = await db.Attempts.AsNoTracking().ToDictionaryAsync(row => row.Id);
        var instances = await db.Instances.AsNoTracking().ToDictionaryAsync(row => row.PlatformId);
        var orphans = await db.Orphans.AsNoTracking().Where(row => row.RemovedAt == null).ToDictionaryAsync(row => row.PlatformId);
        foreach (var send in _tenant.Sends.Where(send => send.IsDone))
        {
            var attempt = attempts[send.Attempt];
            Demand(attempt.State == AttemptState.Active || attempt.Ending?.Reason == EndingReason.TargetGone, $"The platform did it, and the attempt is {attempt.State}.");
        }

        foreach (var row in _tenant.Rows.Values.Where(row => row is { IsDeleted: false, Attempt: not null }))
            Demand(instances.ContainsKey(row.Id) || orphans.ContainsKey(row.Id) || attempts[row.Attempt!.Value].Verifications >= 6, $"Instance {row.Id} is on the platform, and the portal does not know it.");
        foreach (var instance in instances.Values.Where(instance => _tenant.Rows[instance.PlatformId] is { IsDeleted: false }))
        {
            var tenants = _tenant.Rows[instance.PlatformId];
            var isExcused = _tenant.GaveNoToken || attempts.Values.Any(row => row.TargetInstanceId == instance.Id && !_tenant.Sends.Exists(send => send.Attempt == row.Id && send is { IsDone: true, Fault: not (SendFault.LostAndDoneLater or SendFault.LostAndDoneMuchLater) }));
            Demand(isExcused || instance.Token.Ciphertext == tenants.Token, $"The stored token is {instance.Token.Ciphertext}, the platform's is {tenants.Token}.");
        }

        Demand(instances.Values.Where(row => row.AttemptId is not null).GroupBy(row => row.AttemptId).All(group => group.Count() == 1), "One attempt has two instances.");
        Demand(!instances.Keys.Intersect(orphans.Keys).Any(), "An instance is an orphan, too.");
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds) throw new ModelViolationException(otherwise);
    }
}
