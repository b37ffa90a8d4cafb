using System.Text.RegularExpressions;
using System.Xml.Linq;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Domain.Sync;
using AdminPortal.Features.Api;
using AdminPortal.Features.Attempts;
using AdminPortal.Features.Overview;
using AdminPortal.Platform;
using AdminPortal.Provisioning.ApiTokens;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.LegacyKeys;
using AdminPortal.Provisioning.Users;
using AdminPortal.Storage;
using AdminPortal.Ui;

namespace AdminPortal.Components.Tests;

/// <summary>Every text that the sources ask for is in the resource file that they ask.</summary>
public sealed partial class TextTests
{
    private static readonly Dictionary<string, Dictionary<string, string>> Resources = Repository.Files("src", ".resx")
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file), Read);

    [Fact]
    public void Texts_Literals_HaveAnEntryInTheirFile()
    {
        var uses = Uses().ToList();
        uses.Count.ShouldBeGreaterThan(300);

        uses.Where(use => !Resources[use.Resource].ContainsKey(use.Key)).Select(use => $"{use.Key} of {use.Resource}, in {use.File}").ShouldBeEmpty();
    }

    [Fact]
    public void Texts_ComposedKeys_HaveAtLeastOneEntry()
    {
        var prefixes = Sources().SelectMany(source => Composed().Matches(source.Text)
                .Select(match => (source.File, Resource: source.Localizers[match.Groups[1].Value], Prefix: match.Groups[2].Value)))
            .ToList();
        prefixes.Count.ShouldBeGreaterThan(8);

        prefixes.Where(use => !Resources[use.Resource].Keys.Any(key => key.StartsWith(use.Prefix, StringComparison.Ordinal)))
            .Select(use => $"{use.Prefix}* of {use.Resource}, in {use.File}").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("UiText", "AttemptState.", typeof(AttemptState), "")]
    [InlineData("UiText", "InstanceState.", typeof(InstanceState), "")]
    [InlineData("ConnectText", "Step.", typeof(WizardStep), "")]
    [InlineData("ConnectText", "Step.", typeof(WizardStep), ".Title")]
    [InlineData("ConnectText", "Check.", typeof(CheckLevel), "")]
    [InlineData("ConnectText", "History.", typeof(AttemptEvent), "")]
    [InlineData("ConnectText", "Hint.", typeof(RefusalHintKind), "")]
    [InlineData("ConnectText", "Unclear.", typeof(UnclearReason), "")]
    [InlineData("ProvisioningText", "Unsent.", typeof(UnsentReason), "")]
    [InlineData("AttemptListText", "Group.", typeof(AttemptGroup), "")]
    [InlineData("AttemptListText", "None.", typeof(AttemptGroup), ".Title")]
    [InlineData("AttemptListText", "None.", typeof(AttemptGroup), ".Text")]
    [InlineData("ConnectText", "Verified.", typeof(CheckOutcome), "")]
    [InlineData("ConnectText", "Verified.", typeof(CheckOutcome), ".Short")]
    [InlineData("ReauthenticationText", "Verified.", typeof(CheckOutcome), "")]
    [InlineData("ConnectText", "Ended.", typeof(EndingReason), "")]
    [InlineData("ConnectText", "Ended.", typeof(EndingReason), ".Title")]
    [InlineData("ReauthenticationText", "Ended.", typeof(EndingReason), "")]
    [InlineData("ReauthenticationText", "Ended.", typeof(EndingReason), ".Title")]
    [InlineData("OverviewText", "Start.", typeof(StartStepState), "")]
    [InlineData("ReauthenticationText", "Change.", typeof(ChangeKind), "")]
    [InlineData("LegacyKeysText", "Move.", typeof(MoveState), "")]
    [InlineData("LegacyKeysText", "Check.", typeof(CheckOutcome), "")]
    [InlineData("SyncText", "Group.", typeof(DriftKind), "")]
    [InlineData("SyncText", "Group.", typeof(DriftKind), ".Text")]
    [InlineData("SyncText", "Group.", typeof(DriftKind), ".Adopt")]
    [InlineData("SyncText", "Group.", typeof(DriftKind), ".AdoptLabel")]
    [InlineData("SyncText", "Group.", typeof(DriftKind), ".AdoptAll")]
    [InlineData("DetailText", "Tab.", typeof(InstanceTab), "")]
    [InlineData("DetailText", "Banner.", typeof(AttentionReason), ".Title")]
    [InlineData("DetailText", "Banner.", typeof(AttentionReason), ".Text")]
    [InlineData("DetailText", "Check.", typeof(CheckOutcome), "")]
    [InlineData("DetailText", "Check.", typeof(CheckOutcome), ".Text")]
    [InlineData("DetailText", "Checks.Count.", typeof(CheckOutcome), "")]
    [InlineData("DetailText", "Group.", typeof(ConfigurationGroup), "")]
    [InlineData("ActivityText", "Activity.", typeof(ActivityAction), "")]
    [InlineData("UiText", "JobState.", typeof(JobState), "")]
    [InlineData("JobsText", "Item.", typeof(JobItemState), "")]
    [InlineData("UiText", "Kind.", typeof(JobKind), "")]
    [InlineData("JobsText", "Kind.", typeof(JobKind), ".Text")]
    [InlineData("ProvisioningText", "Role.", typeof(Role), "")]
    [InlineData("ProvisioningText", "Operation.", typeof(Operation), "")]
    [InlineData("PeopleText", "Role.", typeof(Role), ".Text")]
    [InlineData("PeopleText", "A.", typeof(Role), "")]
    [InlineData("PeopleText", "State.", typeof(PersonState), "")]
    [InlineData("ApiText", "Problem.", typeof(ApiProblemType), ".Title")]
    [InlineData("ApiText", "Problem.", typeof(ApiProblemType), ".Text")]
    [InlineData("TokensText", "Scope.", typeof(ApiScope), "")]
    [InlineData("TokensText", "Scope.", typeof(ApiScope), ".Help")]
    [InlineData("TokensText", "State.", typeof(ApiTokenState), "")]
    [InlineData("StorageText", "Storage.", typeof(StorageProblem), ".Title")]
    [InlineData("StorageText", "Storage.", typeof(StorageProblem), ".What")]
    [InlineData("StorageText", "Storage.", typeof(StorageProblem), ".Do")]
    public void Texts_EveryMember_HasAnEntry(string resource, string prefix, Type members, string suffix) =>
        Enum.GetNames(members).Where(name => !Resources[resource].ContainsKey(prefix + name + suffix)).ShouldBeEmpty();

    [Fact]
    public void Texts_EveryBulkAction_HasItsWords()
    {
        // Writing to the platform is offered where differences from it are shown, not in the list.
        foreach (var kind in Enum.GetValues<JobKind>().Except([JobKind.Push]))
        {
            foreach (var key in new[] { $"Do.{kind}", $"Title.{kind}", $"Explain.{kind}", $"Confirm.{kind}", $"Confirm.{kind}.One" })
                Resources["BulkText"].ShouldContainKey(key);
        }
    }

    [Theory]
    [InlineData(EndingReason.Busy)]
    [InlineData(EndingReason.Unreachable)]
    [InlineData(EndingReason.NoClearAnswer)]
    [InlineData(EndingReason.PortalStopped)]
    public void Texts_EveryReasonToWait_HasItsSentence(EndingReason reason) => Resources["ConnectText"].ShouldContainKey($"Waiting.{reason}");

    [Fact]
    public void Texts_EveryStretchOfATimeline_HasItsWords() =>
        Enum.GetValues<TimelineStepKind>().Where(kind => new TimelineStep(kind, AttemptEvent.Left, AttemptState.Draft, default, null).IsStretch)
            .Where(kind => !Resources["ConnectText"].ContainsKey($"Timeline.{kind}")).ShouldBeEmpty();

    [Fact]
    public void Texts_OfTheAttemptPageThatDifferByWhatItDoes_AreInBothFiles()
    {
        var keys = Repository.Files("src/AdminPortal/Features/Attempts", ".razor", ".cs").SelectMany(file => Literal().Matches(File.ReadAllText(file))).Where(match => match.Groups[1].Value == "Words").Select(match => match.Groups[2].Value).ToList();

        keys.Count.ShouldBeGreaterThan(20);
        keys.Where(key => !Resources["ConnectText"].ContainsKey(key) || !Resources["ReauthenticationText"].ContainsKey(key)).ShouldBeEmpty();
    }

    [Fact]
    public void Texts_Entries_AreAllUsed()
    {
        var literals = Repository.Files("src/AdminPortal", ".razor", ".cs").SelectMany(file => Quoted().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).ToHashSet();
        string[] composed =
        [
            "AttemptState.", "InstanceState.", "Step.", "Check.", "History.", "Hint.", "Start.", "Ended.", "Waiting.", "List.Sort.", "Tab.", "Banner.", "Group.", "Checks.Count.", "Activity.", "JobState.",
            "Item.", "Kind.", "Do.", "Title.", "Explain.", "Confirm.", "Change.", "Move.", "Step1.", "Field.", "None.", "Storage.", "Timeline.", "Verified.", "Role.", "A.", "State.",
            "Problem.", "Refused.", "Scope.", "Standing.", "Reason.", "Remedy.", "Unclear.", "SignedOut.",
        ];

        var idle = Resources.Where(resource => resource.Key is not ("ProvisioningText" or "ElementText"))
            .SelectMany(resource => resource.Value.Keys
                .Where(key => !literals.Contains(key) && !composed.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal)))
                .Select(key => $"{key} of {resource.Key}"));

        idle.ShouldBeEmpty();
    }

    [Fact]
    public void Texts_Values_AreNotEmptyAndApologiseForNothing()
    {
        foreach (var (resource, texts) in Resources)
        {
            foreach (var (key, value) in texts)
            {
                value.Trim().ShouldNotBeEmpty($"{key} of {resource}");
                value.ShouldNotContain("Oops", Case.Insensitive, $"{key} of {resource}");
                value.ShouldNotContain("Sorry", Case.Insensitive, $"{key} of {resource}");
            }
        }
    }

    private static Dictionary<string, string> Read(string file) =>
        XDocument.Load(file).Root!.Elements("data").ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value);

    private static IEnumerable<(string File, string Resource, string Key)> Uses() =>
        Sources().SelectMany(source => Literal().Matches(source.Text)
            .Where(match => source.Localizers.ContainsKey(match.Groups[1].Value))
            .Select(match => (source.File, source.Localizers[match.Groups[1].Value], match.Groups[2].Value)));

    /// <summary>The sources, a component's markup and code together, with the localizers that they name.</summary>
    private static IEnumerable<(string File, string Text, Dictionary<string, string> Localizers)> Sources() =>
        Repository.Files("src/AdminPortal", ".razor", ".cs")
            .GroupBy(file => file.EndsWith(".razor.cs", StringComparison.Ordinal) ? file[..^".cs".Length] : file)
            .Select(files => (File: Path.GetFileName(files.Key), Text: string.Join('\n', files.Select(File.ReadAllText))))
            .Select(source => (source.File, source.Text, Localizers: Localizer().Matches(source.Text)
                .DistinctBy(match => match.Groups[2].Value)
                .ToDictionary(match => match.Groups[2].Value, match => match.Groups[1].Value)))
            .Select(source =>
            {
                // What the fields share is written in their base class.
                if (source.Text.Contains("@inherits FieldBase", StringComparison.Ordinal)) _ = source.Localizers.TryAdd("Texts", "UiText");
                return source;
            });

    [GeneratedRegex("""IStringLocalizer<(?:\w+\.)*(\w+)>\s+(\w+)""")]
    private static partial Regex Localizer();

    [GeneratedRegex("""\b(\w+)\["([^"{}]+)"[\],]""")]
    private static partial Regex Literal();

    [GeneratedRegex("""\b(\w+)\[\$"([^"{}]+)\{""")]
    private static partial Regex Composed();

    [GeneratedRegex("\"([A-Za-z][A-Za-z0-9.-]*)\"")]
    private static partial Regex Quoted();
}
