using System.Security.Cryptography;
using System.Text;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Attempts.Exchange;
using AdminPortal.Provisioning.Attempts.Search;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Model;

/// <summary>The portal did what the model does not allow.</summary>
internal sealed class ModelViolationException(string message) : Exception(message);

/// <summary>
/// One sequence: carries its steps out on two processes and one database, and compares after every step what is stored
/// with what <see cref="AttemptModel"/> allows and with what <see cref="ModelTenant"/> was asked.
/// </summary>
internal sealed class ModelRun : IAsyncDisposable
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

    private async Task ActAsync(ModelProcess process, ModelStep step)
    {
        var attempt = Pick(step.A);
        switch (step.Kind)
        {
            case StepKind.Work:
                await WorkAsync(process);
                break;
            case StepKind.Start:
                _ = await StartAsync(process, step);
                break;
            case StepKind.Connect:
                await ConnectAsync(process, step);
                break;
            case StepKind.Clock:
                Advance(ClockMove(step));
                break;
            case StepKind.FailSend:
                _tenant.SendFaults.Enqueue((SendFault)(1 + (step.A % 11)));
                break;
            case StepKind.FailList:
                var list = (ListFault)(1 + (step.A % 7));
                if (step.B % 3 == 0) _tenant.ListFaults.Enqueue(ListFault.None);
                for (var i = 0; i < (list == ListFault.RepeatedCursor ? 2 : 1); i++) _tenant.ListFaults.Enqueue(list);
                break;
            case StepKind.FailCall:
                var queue = (step.B % 6) switch { 0 or 1 => _tenant.GetFaults, 2 or 3 => _tenant.PingFaults, 4 => _tenant.DeleteFaults, _ => _tenant.UrlFaults };
                queue.Enqueue((CallFault)(1 + (step.A % 6)));
                break;
            case StepKind.Kill:
                _interruption.Arm(1 + (step.A % 5), _ => true, (dying, place) =>
                {
                    _log.Add($"  dies {place}");
                    dying.Die();
                    return Task.CompletedTask;
                });
                break;
            case StepKind.StorageError:
                _interruption.Arm(1 + (step.A % 4), place => place == Place.BeforeCommit, (_, _) =>
                    throw new SqliteException(PlantedError, step.B % 2 == 0 ? 5 : 13));
                break;
            case StepKind.AtOnce:
                _interruption.Arm(1 + (step.A % 6), _ => true, (first, place) => MeanwhileAsync(first, place, step));
                break;
            case StepKind.Restart:
                foreach (var other in _processes.Where(other => !other.IsDead).ToList()) await Ignoring(() => other.Die());
                break;
            case StepKind.DeleteInstance:
                await DeleteInstanceAsync(process, step);
                break;
            case StepKind.RemoveOrphan:
                await RemoveOrphanAsync(process, step);
                break;
            case StepKind.Reauthenticate:
                await ReauthenticateAsync(process, step);
                break;
            case var _ when attempt is null:
                break;
            case StepKind.Onward:
                await OnwardAsync(process, attempt, step);
                break;
            case StepKind.Authorize:
                await AuthorizeAsync(process, attempt);
                break;
            case StepKind.Leave:
                await LeaveAsync(process, attempt, _browsers[step.B % 2]);
                break;
            case StepKind.Return:
                await ReturnAsync(process, attempt, step);
                break;
            case StepKind.Edit:
                await EditAsync(process, attempt, step);
                break;
            case StepKind.Decide:
                Expect(attempt, attempt.Decide(step.B % 3 > 0, Now));
                _ = await process.Get<ConsentService>().DecideAsync(attempt.Id, step.B % 3 > 0, default);
                break;
            case StepKind.TryAgain:
                await TryAgainAsync(process, attempt);
                break;
            case StepKind.Discard:
                Expect(attempt, []);
                var wasEditable = attempt.IsEditable;
                var discarded = await process.Get<DraftService>().DiscardAsync(attempt.Id, default);
                if (!_interruption.HasHappened && discarded.Succeeded != wasEditable) throw new ModelViolationException($"Discarding while {attempt.State} answered {discarded.Succeeded}.");
                if (discarded.Succeeded) Forget(attempt);
                break;
        }
    }

    private const string Discarded = "Discarded";

    private static void Forget(ModelAttempt attempt) => (attempt.State, attempt.Live) = (Discarded, null);

    private static Task Ignoring(Action die)
    {
        try
        {
            die();
        }
        catch (ProcessDiedException)
        {
            // As was wanted.
        }

        return Task.CompletedTask;
    }

    private static TimeSpan ClockMove(ModelStep step) => (step.A % 10) switch
    {
        0 or 1 => TimeSpan.FromSeconds(3),
        2 or 3 => TimeSpan.FromSeconds(31),
        4 => TimeSpan.FromSeconds(61),
        5 => TimeSpan.FromSeconds(95),
        6 => TimeSpan.FromMinutes(3),
        7 => TimeSpan.FromMinutes(5),
        8 => TimeSpan.FromMinutes(16),
        _ => TimeSpan.FromHours(-1),
    };

    // What the other process does while the first one is at a place of its own work.
    private async Task MeanwhileAsync(ModelProcess first, Place place, ModelStep step)
    {
        var other = _processes.First(process => process != first);
        var attempt = Pick(step.C);
        _log.Add($"  meanwhile, {place}: {step.B % 12}");
        _isNested = true;
        try
        {
            switch (step.B % 12)
            {
                case 0 or 1 or 2 or 3:
                    await WorkAsync(other);
                    break;
                case 4 or 5 or 6:
                    // The answer takes its time, or the clock jumps: the other process takes over, and looks.
                    Advance((step.A % 4) switch { 0 => TimeSpan.FromSeconds(8), 1 => TimeSpan.FromHours(1), _ => TimeSpan.FromSeconds(62) });
                    await WorkAsync(other);
                    await WorkAsync(other);
                    break;
                case 7 when attempt is not null:
                    await other.Get<DraftService>().SaveOptionsAsync(attempt.Id, new InstanceOptions { Name = $"Meanwhile {++_names}" }, default);
                    break;
                case 8 when attempt is { Sent.Count: > 0 }:
                    _ = await other.Get<ConsentService>().ReceiveAsync(new Callback(NewCode(attempt), attempt.Sent[^1], null, null, null, attempt.Browser), default);
                    break;
                case 9 when attempt is not null:
                    _ = await other.Get<ConsentService>().DecideAsync(attempt.Id, step.A % 2 == 0, default);
                    break;
                case 10:
                    await DeleteInstanceAsync(other, step);
                    break;
                case 11 when attempt is not null:
                    if ((await other.Get<DraftService>().DiscardAsync(attempt.Id, default)).Succeeded) Forget(attempt);
                    break;
            }
        }
        finally
        {
            _isNested = false;
        }
    }

    // As the portal's worker does it, one after the other.
    private async Task WorkAsync(ModelProcess process)
    {
        if (!_isNested) _mayWork = true;
        var provisioner = process.Get<Provisioner>();
        foreach (var (id, state) in await provisioner.FindDueAsync(default))
        {
            try
            {
                await provisioner.WorkAsync(id, state, default);
            }
            catch (Exception exception) when (IsStorageError(exception))
            {
                _log.Add("  the storage failed");
            }
        }
    }

    private async Task<ModelAttempt?> StartAsync(ModelProcess process, ModelStep step)
    {
        var element = step.B % 4 == 0 ? ElementKey.Rest : ElementKey.Crm;
        var drafts = process.Get<DraftService>();
        var started = await drafts.StartAsync(new ElementChoice { ElementKey = element, PlatformAccountId = _account }, Actor.Portal, default);
        var attempt = Know(new ModelAttempt { Id = started.Value, Element = element });
        Expect(attempt, ["Created"]);
        _ = await drafts.SaveProviderAsync(attempt.Id, new ProviderChoice { ProviderAppId = _app }, default);
        if (element == ElementKey.Crm) _ = await drafts.SaveAccountAsync(attempt.Id, Details(), default);
        _ = await drafts.SaveOptionsAsync(attempt.Id, new InstanceOptions { Name = $"Number {++_names}", Tags = ["docs"] }, default);
        return attempt;
    }

    private static AccountDetails Details() =>
        new() { Values = new Dictionary<string, string> { [ElementCatalog.ServerKey] = TestPortal.Server, [ElementCatalog.EncryptedKeyKey] = TestPortal.EncryptedKey } };

    private ModelAttempt Know(ModelAttempt attempt)
    {
        _attempts.Add(attempt);
        return attempt;
    }

    // A draft's whole way to the code, or to a consent for another account, each step compared.
    private async Task ConnectAsync(ModelProcess process, ModelStep step)
    {
        var attempt = await StartAsync(process, step);
        await CompareAsync();
        await AuthorizeAsync(process, attempt!);
        await CompareAsync();
        await LeaveAsync(process, attempt!, _browsers[0]);
        await CompareAsync();
        await ReturnAsync(process, attempt!, step with { Number = 0 }, step.A % 4 == 0 ? OtherServer : TestPortal.Server);
    }

    private async Task OnwardAsync(ModelProcess process, ModelAttempt attempt, ModelStep step)
    {
        switch (attempt)
        {
            case { State: AttemptModel.Draft }:
                await AuthorizeAsync(process, attempt);
                await CompareAsync();
                await LeaveAsync(process, attempt, _browsers[0]);
                break;
            case { State: AttemptModel.AwaitingConsent, Browser: null }:
                await LeaveAsync(process, attempt, _browsers[0]);
                break;
            case { State: AttemptModel.AwaitingConsent }:
                await ReturnAsync(process, attempt, step with { Number = 0 });
                break;
            case { State: AttemptModel.AwaitingDecision }:
                Expect(attempt, attempt.Decide(true, Now));
                _ = await process.Get<ConsentService>().DecideAsync(attempt.Id, true, default);
                break;
            default:
                await WorkAsync(process);
                break;
        }
    }

    private async Task AuthorizeAsync(ModelProcess process, ModelAttempt attempt)
    {
        var answers = (!_tenant.UrlFaults.TryPeek(out var fault) || fault == CallFault.None) && await TargetAnswersAsync(attempt);
        Expect(attempt, attempt.Authorize(answers));
        _tenant.LastState = null;
        try
        {
            _ = await process.Get<ConsentService>().AuthorizeAsync(attempt.Id, default);
        }
        finally
        {
            if (_tenant.LastState is { } state) attempt.Sent.Add(state);
        }
    }

    // The pre-flight looks at the instance that is to be authorized anew.
    private async Task<bool> TargetAnswersAsync(ModelAttempt attempt)
    {
        if (attempt.Target is not { } target) return true;
        await using var db = Open();
        var platformId = await db.Instances.Where(row => row.Id == target).Select(row => (long?)row.PlatformId).SingleOrDefaultAsync();
        return platformId is { } id && _tenant.Find(id) is not null
            && (!_tenant.GetFaults.TryPeek(out var fault) || fault is CallFault.None or CallFault.Refused or CallFault.WithoutToken);
    }

    private async Task LeaveAsync(ModelProcess process, ModelAttempt attempt, string browser)
    {
        Expect(attempt, attempt.Leave(Now));
        var departure = await process.Get<ConsentService>().LeaveAsync(attempt.Id, OneTimeValue.Hash(browser), default);
        if (!_interruption.HasHappened && departure.Url is not null != _expected[attempt.Id].Length > 0) throw new ModelViolationException("A browser was sent away, or was not, against the model.");
    }

    private string NewCode(ModelAttempt attempt)
    {
        var code = $"code-{++_codes}";
        _tenant.Codes[code] = attempt.Id;
        return code;
    }

    private async Task ReturnAsync(ModelProcess process, ModelAttempt attempt, ModelStep step, string server = TestPortal.Server)
    {
        if (attempt.Sent.Count == 0) return;
        var how = step.Number == 0 ? 0 : step.B % 12;
        var state = how switch
        {
            7 => OneTimeValue.Create(),
            8 or 9 => attempt.Sent[step.C % attempt.Sent.Count],
            _ => attempt.Sent[^1],
        };
        var code = how is 4 or 11 ? null : NewCode(attempt);
        var error = how switch { 4 or 5 => "access_denied", 6 => "server_error", _ => null };
        var browser = how switch { 2 => _browsers.First(other => other != attempt.Browser), 3 => null, _ => attempt.Browser };
        // Without a scope, or with one that names nothing, the answer does not say which account it is for.
        var isSilent = step.Number != 0 && (how is 0 or 1) && step.C % 3 == 0;
        var named = isSilent ? null : how == 10 ? OtherServer : server;
        var (answer, events) = attempt.Return(state, browser, code, error, named, Now);
        Expect(attempt, events);
        var outcome = await process.Get<ConsentService>().ReceiveAsync(new Callback(code, state, error, null, isSilent ? step.C % 2 == 0 ? "full" : null : $"full|{named}", browser), default);
        var told = outcome is CallbackOutcome.Attempt { Again: true } ? "Again" : outcome.GetType().Name;
        if (!_interruption.HasHappened && told != answer) throw new ModelViolationException($"A return from the provider was answered {told} instead of {answer}.");
    }

    private async Task EditAsync(ModelProcess process, ModelAttempt attempt, ModelStep step)
    {
        var drafts = process.Get<DraftService>();
        var isOwn = attempt.Target is null;
        switch (step.B % 5)
        {
            case 0:
                Expect(attempt, attempt.Edit());
                _ = await drafts.SaveProviderAsync(attempt.Id, new ProviderChoice { ProviderAppId = _app }, default);
                break;
            case 1 when attempt.Element == ElementKey.Crm:
                Expect(attempt, attempt.Edit());
                _ = await drafts.SaveAccountAsync(attempt.Id, Details(), default);
                break;
            case 2:
                Expect(attempt, isOwn ? attempt.Edit() : []);
                _ = await drafts.SaveOptionsAsync(attempt.Id, new InstanceOptions { Name = $"Number {++_names}", Tags = ["docs"] }, default);
                break;
            case 3:
                Expect(attempt, isOwn ? attempt.Edit() : []);
                _ = await drafts.SaveElementAsync(attempt.Id, new ElementChoice { ElementKey = attempt.Element, PlatformAccountId = _account }, default);
                break;
            default:
                Expect(attempt, []);
                _ = await drafts.GoToAsync(attempt.Id, WizardStep.Options, default);
                break;
        }
    }

    private async Task TryAgainAsync(ModelProcess process, ModelAttempt attempt)
    {
        var hasEnded = attempt.State is AttemptModel.Denied or AttemptModel.Expired or AttemptModel.Failed;
        var open = _attempts.FirstOrDefault(other => other.IsEditable && (other.Previous == attempt.Id || (attempt.Target is not null && other.Target == attempt.Target)));
        var again = await process.Get<DraftService>().TryAgainAsync(attempt.Id, Actor.Portal, default);
        if (!_interruption.HasHappened && again.Succeeded != hasEnded) throw new ModelViolationException($"Trying again after {attempt.State} answered {again.Succeeded}.");
        if (!again.Succeeded || _attempts.Any(known => known.Id == again.Value)) return;
        if (!_interruption.HasHappened && open is not null) throw new ModelViolationException("A second draft was begun beside the open one.");
        Expect(Know(new ModelAttempt { Id = again.Value, Previous = attempt.Id, Target = attempt.Target, Element = attempt.Element }), ["Created"]);
    }

    private async Task ReauthenticateAsync(ModelProcess process, ModelStep step)
    {
        if (await PickInstanceAsync(step) is not { } instance) return;
        var started = await process.Get<ReauthenticationService>().StartAsync(instance.Id, Ada, default);
        if (!started.Succeeded || _attempts.Any(known => known.Id == started.Value)) return;
        var isOpen = _attempts.Any(other => other.Target == instance.Id && other.State is not (AttemptModel.Active or AttemptModel.Denied or AttemptModel.Expired or AttemptModel.Failed or Discarded));
        if (!_interruption.HasHappened && isOpen) throw new ModelViolationException("A second authorization of the same instance was begun beside the open one.");
        Expect(Know(new ModelAttempt { Id = started.Value, Target = instance.Id, Element = instance.ElementKey }), ["Created"]);
    }

    private async Task<ElementInstance?> PickInstanceAsync(ModelStep step)
    {
        await using var db = Open();
        var instances = await db.Instances.AsNoTracking().OrderBy(row => row.Number).ToListAsync();
        return instances.Count == 0 ? null : instances[step.A % instances.Count];
    }

    private async Task DeleteInstanceAsync(ModelProcess process, ModelStep step)
    {
        if (await PickInstanceAsync(step) is { } instance) _ = await process.Get<InstanceService>().DeleteAsync(instance.Id, instance.Name, Ada, default);
    }

    private async Task RemoveOrphanAsync(ModelProcess process, ModelStep step)
    {
        await using var db = Open();
        var orphans = await db.Orphans.AsNoTracking().Where(row => row.RemovedAt == null).OrderBy(row => row.PlatformId).ToListAsync();
        if (orphans.Count == 0) return;
        var orphan = orphans[step.A % orphans.Count];
        var removed = await process.Get<OrphanService>().RemoveAsync(orphan.Id, Ada, default);
        if (_attempts.Find(known => known.Id == orphan.AttemptId) is { } attempt) Expect(attempt, removed.Succeeded ? ["OrphanRemoved"] : []);
        if (removed.Succeeded && _tenant.Find(orphan.PlatformId) is not null) throw new ModelViolationException("An orphan counts as removed and is there.");
    }

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
