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
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Model;

/// <content>What people, the worker and the platform do in a run.</content>
internal sealed partial class ModelRun
{
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
}
