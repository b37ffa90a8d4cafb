using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.ApiTokens;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.Sync;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests.People;

/// <summary>Every method of every service that a page or an endpoint can reach, called as every role and as nobody.</summary>
public sealed partial class PermissionTests
{
    /// <summary>Reading, which everybody who is signed in may; and what is guarded by a secret of its own.</summary>
    private const string Read = "read";

    private const string Viewer = nameof(Role.Viewer);
    private const string Operator = nameof(Role.Operator);
    private const string Administrator = nameof(Role.Administrator);

    /// <summary>What was decided. A method that is not here fails the test: decide who may call it, and ask <see cref="Gate"/> in it first.</summary>
    private static readonly Dictionary<string, string> Decided = new(StringComparer.Ordinal)
    {
        ["AccountService.ListAsync"] = Read,
        ["AccountService.FindAsync"] = Read,
        ["AccountService.ListOffersAsync"] = Read,
        ["AccountService.AcceptOfferAsync"] = Administrator,
        ["AccountService.SaveAsync"] = Administrator,
        ["AccountService.TestAsync"] = Administrator,
        ["AccountService.AskApprovalAsync"] = Administrator,
        ["AccountService.DeleteAsync"] = Administrator,
        ["AccountMoveService.FindAsync"] = Read,
        ["AccountMoveService.MoveAsync"] = Administrator,
        ["AccountMoveService.AskApprovalAsync"] = Administrator,
        // About one's own way in and out, by the sign-in itself.
        ["AccessRecord.RefusedAsync"] = Read,
        ["AccessRecord.SecondStepRefusedAsync"] = Read,
        ["AccessRecord.SignedInAsync"] = Read,
        ["AccessRecord.SignedInBySingleSignOnAsync"] = Read,
        ["AccessRecord.RefusedBySingleSignOnAsync"] = Read,
        ["AccessRecord.SignedOutAsync"] = Read,
        ["ActivityExport.BeginAsync"] = Operator,
        // Follows BeginAsync, in the endpoint that has the role for its policy.
        ["ActivityExport.WriteAsync"] = Read,
        // At start, before anybody can ask for anything.
        ["ActivityKeeper.PrepareAsync"] = Read,
        ["ActivityService.ListAsync"] = Read,
        ["ActivityService.ListChoicesAsync"] = Read,
        ["ApiDraftService.CreateAsync"] = Operator,
        ["ApiTokenService.ListAsync"] = Read,
        ["ApiTokenService.ListOthersAsync"] = Administrator,
        ["ApiTokenService.MakeAsync"] = Viewer,
        ["ApiTokenService.RevokeAsync"] = Viewer,
        // The token is the key: scripts cannot sign in.
        ["ApiTokenService.FindAsync"] = Read,
        ["ChangeFeed.Subscribe"] = Read,
        ["AttemptListService.ListAsync"] = Read,
        ["AttemptListService.CountAsync"] = Read,
        ["AttemptListService.ListDraftsAsync"] = Read,
        ["AttemptService.FindAsync"] = Read,
        ["AttemptService.ListRecentAsync"] = Read,
        ["BulkJobService.ReviewAsync"] = Read,
        ["BulkJobService.StartAsync"] = Operator,
        ["BulkJobService.FindAsync"] = Read,
        ["BulkJobService.ListRecentAsync"] = Read,
        ["BulkJobService.ListItemsAsync"] = Read,
        ["BulkJobService.CancelAsync"] = Operator,
        ["CalendarFeedService.FindAsync"] = Read,
        ["CalendarFeedService.MakeAsync"] = Viewer,
        ["CalendarFeedService.EndAsync"] = Viewer,
        // The secret in the address is the key: calendar programs cannot sign in.
        ["CalendarFeedService.ReadAsync"] = Read,
        ["CloneService.StartAsync"] = Operator,
        ["ConsentService.CheckAsync"] = Operator,
        ["ConsentService.AuthorizeAsync"] = Operator,
        ["ConsentService.LeaveAsync"] = Operator,
        // State and cookie are the key: the person may have been signed out meanwhile.
        ["ConsentService.TakeAsync"] = Read,
        ["ConsentService.DecideAsync"] = Operator,
        ["DraftService.StartAsync"] = Operator,
        ["ElementCatalog.Find"] = Read,
        ["ElementCatalog.NameOf"] = Read,
        ["DraftService.SaveElementAsync"] = Operator,
        ["DraftService.SaveProviderAsync"] = Operator,
        ["DraftService.SaveAccountAsync"] = Operator,
        ["DraftService.SaveOptionsAsync"] = Operator,
        ["DraftService.KeepAccountAsync"] = Operator,
        ["DraftService.KeepOptionsAsync"] = Operator,
        ["DraftService.GoToAsync"] = Operator,
        ["DraftService.DiscardAsync"] = Operator,
        ["DraftService.TryAgainAsync"] = Operator,
        ["DriftService.AdoptAsync"] = Operator,
        ["DriftService.PushAsync"] = Operator,
        ["DriftService.PushAllAsync"] = Operator,
        ["DriftService.IgnoreAsync"] = Operator,
        ["DriftService.UnignoreAsync"] = Operator,
        // About the own sign-in methods, which need no role; the page asks for a proof before. They change the actor's own row
        // and no other: FactorServiceTests.
        ["FactorService.FindAsync"] = Read,
        ["FactorService.MeetsRequirementAsync"] = Read,
        ["FactorService.BeginAuthenticatorAsync"] = Read,
        ["FactorService.ReadPendingAsync"] = Read,
        ["FactorService.ConfirmAuthenticatorAsync"] = Read,
        ["FactorService.RemoveAuthenticatorAsync"] = Read,
        ["FactorService.MakeRecoveryCodesAsync"] = Read,
        ["FactorService.CheckPasskeyAsync"] = Read,
        ["FactorService.AddPasskeyAsync"] = Read,
        ["FactorService.RenamePasskeyAsync"] = Read,
        ["FactorService.RemovePasskeyAsync"] = Read,
        ["FactorService.ChangePasswordAsync"] = Read,
        // The code is the key: the person is not signed in yet.
        ["FactorService.UseCodeAsync"] = Read,
        ["FactorService.UseRecoveryCodeAsync"] = Read,
        ["FactorService.MarkPasskeyAsync"] = Read,
        ["FieldCheck.Label"] = Read,
        ["FieldCheck.Help"] = Read,
        ["FieldCheck.TryRead"] = Read,
        ["Gate.RefusalAsync"] = Read,
        ["Gate.Explain"] = Read,
        ["Gate.RefusalUnlessConfirmedAsync"] = Read,
        ["InstanceChecker.CheckAsync"] = Operator,
        ["InstanceChecker.ListAsync"] = Read,
        ["InstanceConfigurationService.ListAsync"] = Read,
        ["InstanceConfigurationService.SaveAsync"] = Operator,
        ["InstanceEventsService.ReadAsync"] = Read,
        ["InstanceEventsService.SaveAsync"] = Operator,
        ["InstanceExport.BeginAsync"] = Operator,
        // Follows BeginAsync, in the endpoint that has the role for its policy.
        ["InstanceExport.WriteAsync"] = Read,
        ["InstanceService.ListAsync"] = Read,
        ["InstanceService.CountAsync"] = Read,
        ["InstanceService.CountByStateAsync"] = Read,
        ["InstanceService.FindAsync"] = Read,
        ["InstanceService.EditAsync"] = Operator,
        ["InstanceService.SetEnabledAsync"] = Operator,
        ["InstanceService.SetTraceAsync"] = Operator,
        ["InstanceService.DeleteAsync"] = Operator,
        // At start, before anybody can ask for anything.
        ["KeyRingGuard.CheckAsync"] = Read,
        // By the sign-in itself.
        ["KnownBrowsers.FindAsync"] = Read,
        ["KnownBrowsers.RememberAsync"] = Read,
        ["KeyService.FindAsync"] = Administrator,
        ["KeyService.CountAsync"] = Administrator,
        ["KeyService.RotateAsync"] = Administrator,
        ["KeyService.WrapAsync"] = Administrator,
        ["KeyService.RemoveOldAsync"] = Administrator,
        // At start, before anybody can ask for anything.
        ["FileRights.Check"] = Read,
        ["LapseService.TimesOf"] = Read,
        ["LapseService.GetMonthAsync"] = Read,
        ["LapseService.ListDayAsync"] = Read,
        ["LapseService.ListOverdueAsync"] = Read,
        ["LegacyKeyService.ListAsync"] = Read,
        ["LegacyKeyService.CountAsync"] = Read,
        ["LegacyKeyService.FindAsync"] = Read,
        ["LegacyKeyService.StartAsync"] = Operator,
        ["LegacyKeyService.FinishAsync"] = Operator,
        ["OrphanService.FindOpenAsync"] = Read,
        ["OrphanService.CountOpenAsync"] = Read,
        ["OrphanService.RemoveAsync"] = Operator,
        ["PeopleService.HasAdministratorAsync"] = Read,
        ["PeopleService.ListAsync"] = Administrator,
        // The setup link is the key, and there is no administrator yet.
        ["PeopleService.CreateAdministratorAsync"] = Read,
        ["PeopleService.InviteAsync"] = Administrator,
        ["PeopleService.ChangeRoleAsync"] = Administrator,
        ["PeopleService.SetDisabledAsync"] = Administrator,
        ["PeopleService.ResetAsync"] = Administrator,
        ["PeopleService.ResetFactorsAsync"] = Administrator,
        ["PeopleService.EndSessionsAsync"] = Administrator,
        ["PeopleService.RemoveAsync"] = Administrator,
        // The secret in the link is the key: the person has no password yet.
        ["PeopleService.FindLinkAsync"] = Read,
        ["PeopleService.UseLinkAsync"] = Read,
        // About one's own session, by the sign-in itself.
        ["PeopleService.MarkSignInAsync"] = Read,
        ["PeopleService.IsCurrentAsync"] = Read,
        // About one's own session, and refused without one.
        ["PersonProof.FindKindAsync"] = Read,
        ["PersonProof.ConfirmAsync"] = Read,
        ["PersonProof.ConfirmPasskeyAsync"] = Read,
        ["PersonProof.FindChangeKindAsync"] = Read,
        // The sign-in itself: there is nobody yet who could have a role.
        ["PasswordVerifier.VerifyAsync"] = Read,
        ["PasswordVerifier.Waste"] = Read,
        ["SignInSteps.FindAsync"] = Read,
        ["SignInSteps.FindKnownBrowserAsync"] = Read,
        ["SignInSteps.TryPasswordAsync"] = Read,
        ["SignInSteps.TryCodeAsync"] = Read,
        ["PersonProof.CheckChangeAsync"] = Read,
        ["PersonProof.CheckPasswordChangeAsync"] = Read,
        ["ProviderAppService.ListAsync"] = Read,
        ["ProviderAppService.SaveAsync"] = Administrator,
        ["ProviderAppService.DeleteAsync"] = Administrator,
        ["ProviderAppService.AllowAsync"] = Administrator,
        ["ProviderAppService.DisallowAsync"] = Administrator,
        ["ProviderAppService.AskApprovalAsync"] = Administrator,
        ["ReauthenticationService.FindOpenAsync"] = Read,
        ["ReauthenticationService.StartAsync"] = Operator,
        ["ReauthenticationService.ReviewAsync"] = Read,
        ["RequestPreview.WriteAsync"] = Read,
        ["RequestService.ListOperationsAsync"] = Read,
        ["RequestService.WriteCurlAsync"] = Read,
        ["RequestService.SendAsync"] = Operator,
        // At start, before anybody can ask for anything.
        ["SecretResealing.RunAsync"] = Read,
        ["RevealService.RevealAsync"] = Operator,
        ["RevealService.AskAsync"] = Operator,
        ["RevealService.DecideAsync"] = Operator,
        ["RevealService.ListAsync"] = Operator,
        // How many there are, for whoever may decide; and one's own.
        ["RevealService.CountWaitingAsync"] = Read,
        ["RevealService.FindOwnAsync"] = Read,
        ["SavedViewService.ListAsync"] = Read,
        ["SavedViewService.SaveAsync"] = Viewer,
        ["SavedViewService.SetDefaultAsync"] = Viewer,
        ["SavedViewService.DeleteAsync"] = Viewer,
        // With an identity that was checked, by the endpoint that checked it.
        ["SingleSignOnPeople.ArriveAsync"] = Read,
        ["SingleSignOnPeople.ConnectAsync"] = Read,
        // About oneself, and whether there is anybody at all.
        ["SingleSignOnPeople.IsConnectedAsync"] = Read,
        ["SingleSignOnPeople.HasAdministratorAsync"] = Read,
        // About one's own session, by the sign-in itself.
        ["SessionService.OpenAsync"] = Read,
        ["SessionService.RenewAsync"] = Read,
        ["SessionService.SeeAsync"] = Read,
        ["SessionService.CloseAsync"] = Read,
        ["SessionService.ListAsync"] = Viewer,
        ["SessionService.EndAsync"] = Viewer,
        ["SessionService.EndOthersAsync"] = Viewer,
        // For the health check, which says no more than whether all is well.
        ["StorageProbe.LookAsync"] = Read,
        ["DamageWatch.Report"] = Read,
        ["DamageChecks.CheckAtStart"] = Read,
        ["SupportBundle.WriteAsync"] = Operator,
        ["SyncService.StartAsync"] = Operator,
        ["SyncService.CancelAsync"] = Operator,
        ["SyncService.FindLatestAsync"] = Read,
        ["SyncService.ListDriftAsync"] = Read,
        ["UnansweredAttempts.ConcludeAbsentAsync"] = Operator,
        // The secret in the link is the key: the person may have no other.
        ["WayIn.FindAsync"] = Read,
        ["WayIn.UseAsync"] = Read,
    };

    [Fact]
    public void Services_EveryMethodThatThePortalReaches_IsDecided()
    {
        var names = Methods().Select(Name).Distinct().ToList();

        names.Count.ShouldBeGreaterThan(100);
        names.Except(Decided.Keys).Where(name => !IsCommand(name)).ShouldBeEmpty("A new method of a service: decide who may call it.");
        Decided.Keys.Except(names).ShouldBeEmpty("These are gone, or nothing in the portal reaches them any more.");
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Operator)]
    [InlineData(Role.Administrator)]
    public async Task Services_EveryGuardedMethod_RefusesWhoeverMayNot(Role? role)
    {
        await using var portal = await TestPortal.StartAsync(services => services.AddPeople(_ => { }));
        var actor = new Actor(Guid.CreateVersion7(), "ada@example.com") { Role = role };
        if (role is not null) actor = await portal.SignInAsync(actor);

        var tried = 0;
        foreach (var method in Methods().Where(method => Decided.GetValueOrDefault(Name(method), Read) != Read))
        {
            var least = Enum.Parse<Role>(Decided[Name(method)]);
            await RefusesAsync(portal, method, actor, refuses: role is null || role < least);
            tried++;
        }

        tried.ShouldBeGreaterThan(45);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Services_EveryGuardedMethod_RefusesNobody(bool withRole)
    {
        await using var portal = await TestPortal.StartAsync(services => services.AddPeople(_ => { }));
        // A role without a person is none.
        var nobody = withRole ? Actor.Nobody with { Role = Role.Administrator } : Actor.Nobody;

        foreach (var method in Methods().Where(method => Decided.GetValueOrDefault(Name(method), Read) != Read)) await RefusesAsync(portal, method, nobody, refuses: true);
    }

    [Fact]
    public void Actor_RoleForgotten_MayDoNothing()
    {
        foreach (var operation in Enum.GetValues<Operation>())
        {
            Permissions.Allows(new Actor(Guid.NewGuid(), "ada@example.com"), operation).ShouldBeFalse();
            Permissions.Allows(new Actor(Guid.NewGuid(), "ada@example.com") { Role = (Role)(-1) }, operation).ShouldBeFalse();
            Permissions.Allows(new Actor(Guid.NewGuid(), "ada@example.com") { Role = (Role)99 }, operation).ShouldBeFalse();
            Permissions.Allows(Actor.Nobody, operation).ShouldBeFalse();
            Permissions.Allows(Actor.Portal, operation).ShouldBeTrue();
            Permissions.Allows(Role.Administrator, operation).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Refusal_Sentence_SaysWhoMay()
    {
        await using var portal = await TestPortal.StartAsync();
        var viewer = new Actor(Guid.NewGuid(), "ada@example.com") { Role = Role.Viewer };

        var refused = (await portal.Accounts.DeleteAsync(Guid.NewGuid(), viewer, Token)).Problems.ShouldHaveSingleItem();

        refused.Kind.ShouldBe(ProblemKind.NotAllowed);
        refused.Message.ShouldBe("Managing platform accounts needs the role Administrator; your role is Viewer. Nothing was done. Ask an administrator to do it, or for the role.");
        await using var db = portal.OpenDatabase();
        var line = await db.Activity.SingleAsync(Token);
        (line.Action, line.Succeeded, line.PersonName, line.Subject, line.Detail).ShouldBe(
            (ActivityAction.NotAllowed, false, "ada@example.com", "Managing platform accounts", refused.Message));
    }

    private static async Task RefusesAsync(TestPortal portal, MethodInfo method, Actor actor, bool refuses)
    {
        var before = await RefusalsAsync(portal);
        object? result = null;
        try
        {
            var task = (Task)method.Invoke(portal.Get<IServiceProvider>().GetRequiredService(method.DeclaringType!), [.. method.GetParameters().Select(parameter => Sample(parameter, actor))])!;
            await task;
            result = task.GetType().GetProperty("Result")?.GetValue(task);
        }
#pragma warning disable CA1031 // Whoever is let in may stumble over the made-up arguments: that is beyond the gate.
        catch (Exception) when (!refuses)
#pragma warning restore CA1031
        {
        }

        (await RefusalsAsync(portal) - before).ShouldBe(refuses ? 1 : 0, $"{Name(method)} as {actor.Role?.ToString() ?? "nobody"}");
        if (result?.GetType().GetProperty("Problems")?.GetValue(result) is IReadOnlyList<Problem> problems)
            problems.Any(problem => problem.Kind == ProblemKind.NotAllowed).ShouldBe(refuses, Name(method));
    }

    private static async Task<int> RefusalsAsync(TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        return await db.Activity.CountAsync(line => line.Action == ActivityAction.NotAllowed, Token);
    }

    // Whatever the host's own sources name is what a page or an endpoint can reach.
    private static IEnumerable<MethodInfo> Methods()
    {
        var services = new ServiceCollection();
        services.AddProvisioning(new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build());
        services.AddPeople(_ => { });
        var sources = string.Concat(Repository.Files("src/AdminPortal", ".cs", ".razor").Where(file => !file.Contains("/Commands/", StringComparison.Ordinal)).Select(File.ReadAllText));
        return services.Select(service => service.ServiceType)
            .Where(type => type.Assembly.GetName().Name!.StartsWith("AdminPortal.", StringComparison.Ordinal))
            .Where(type => type is { IsPublic: true, IsClass: true } && type != typeof(PortalDb) && !type.IsAssignableTo(typeof(PortalAddresses)))
            .Where(type => Regex.IsMatch(sources, $@"\b{type.Name}\b"))
            .Distinct()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(method => !method.IsSpecialName && method.Name != nameof(IDisposable.Dispose) && method.GetCustomAttribute<CompilerGeneratedAttribute>() is null);
    }

    private static bool IsCommand(string name) => CommandTypes().IsMatch(name);

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    private static object? Sample(ParameterInfo parameter, Actor actor)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return type switch
        {
            _ when type == typeof(Actor) => actor,
            _ when type == typeof(CancellationToken) => Token,
            _ when type == typeof(Guid) => Guid.NewGuid(),
            _ when type == typeof(string) => "sample",
            _ when type == typeof(byte[]) => new byte[32],
            _ when type == typeof(AccountInput) => new AccountInput { Name = "Staging", BaseUrl = "https://staging.cloud-elements.com", OrganizationSecret = "org", UserSecret = "user" },
            _ when type == typeof(OfferedAccount) => new OfferedAccount { Name = "Offer", BaseUrl = "https://api.cloud-elements.com", OrganizationSecret = "org", UserSecret = "user" },
            _ when type == typeof(ProviderAppInput) => new ProviderAppInput { Name = "App", ClientId = "id", ClientSecret = "secret" },
            _ when type == typeof(ElementChoice) => new ElementChoice { ElementKey = ElementKey.Rest, PlatformAccountId = Guid.NewGuid() },
            _ when type == typeof(ProviderChoice) => new ProviderChoice { ProviderAppId = Guid.NewGuid() },
            _ when type == typeof(AccountDetails) => new AccountDetails { Values = [] },
            _ when type == typeof(InstanceOptions) => new InstanceOptions { Name = "Name" },
            _ when type == typeof(InstanceEdit) => new InstanceEdit { Name = "Name", Tags = [] },
            _ when type == typeof(PreflightContext) => PreflightContext.Unattended,
            _ when type == typeof(InstanceSelection) => InstanceSelection.Of([Guid.NewGuid()]),
            _ when type == typeof(DriftSelection) => DriftSelection.All(DriftKind.Changed),
            _ when type == typeof(EventSettings) => new EventSettings(),
            _ when type == typeof(ApiTokenInput) => new ApiTokenInput { Name = "Script", Scopes = [ApiScope.Read] },
            _ when type == typeof(WholeDraft) => new WholeDraft { Element = new ElementChoice(), Provider = new ProviderChoice(), Account = new AccountDetails(), Options = new InstanceOptions() },
            _ when type == typeof(ApiCall) => new ApiCall(Guid.NewGuid(), "key", new byte[32]),
            _ when type == typeof(PersonInput) => new PersonInput { Email = $"{Guid.NewGuid():N}@example.com" },
            _ when type == typeof(IReadOnlyList<string>) => Array.Empty<string>(),
            { IsValueType: true } => Activator.CreateInstance(type),
            _ => null,
        };
    }

    // What the command line alone runs, by whoever has the machine.
    [GeneratedRegex(@"^(BackupService|RestoreService|Doctor)\.")]
    private static partial Regex CommandTypes();
}
