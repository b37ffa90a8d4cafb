using System.Text.RegularExpressions;

namespace AdminPortal.Components.Tests.Features.Help;

/// <summary>
/// The security checklist says nothing that is not there: its tests and classes exist under the names that it gives, it
/// leaves out no requirement, and what it calls not met stands where it says so first.
/// </summary>
public sealed partial class SecurityChecklistTests
{
    private const string InPart = "in part";
    private const string NotMet = "not met";
    private const string Met = "met";
    private const string MetUntested = "met, no test";
    private const string DoesNotApply = "does not apply";

    /// <summary>
    /// The requirements of levels 1 and 2 in ASVS 4.0.3, by section. Those that were deleted or merged, and those of level 3
    /// alone, are not among them.
    /// </summary>
    private static readonly Dictionary<string, string> Levels1And2 = new(StringComparer.Ordinal)
    {
        ["V1.1"] = "1-7", ["V1.2"] = "1-4", ["V1.4"] = "1,4,5", ["V1.5"] = "1-4", ["V1.6"] = "1-4", ["V1.7"] = "1,2", ["V1.8"] = "1,2", ["V1.9"] = "1,2",
        ["V1.10"] = "1", ["V1.11"] = "1,2", ["V1.12"] = "2", ["V1.14"] = "1-6",
        ["V2.1"] = "1-12", ["V2.2"] = "1-3", ["V2.3"] = "1-3", ["V2.4"] = "1-5", ["V2.5"] = "1-7", ["V2.6"] = "1-3", ["V2.7"] = "1-6", ["V2.8"] = "1-7", ["V2.9"] = "1-3", ["V2.10"] = "1-4",
        ["V3.1"] = "1", ["V3.2"] = "1-4", ["V3.3"] = "1-4", ["V3.4"] = "1-5", ["V3.5"] = "1-3", ["V3.7"] = "1",
        ["V4.1"] = "1-3,5", ["V4.2"] = "1,2", ["V4.3"] = "1-3",
        ["V5.1"] = "1-5", ["V5.2"] = "1-8", ["V5.3"] = "1-10", ["V5.4"] = "1-3", ["V5.5"] = "1-4",
        ["V6.1"] = "1-3", ["V6.2"] = "1-6", ["V6.3"] = "1,2", ["V6.4"] = "1,2",
        ["V7.1"] = "1-4", ["V7.2"] = "1,2", ["V7.3"] = "1,3,4", ["V7.4"] = "1-3",
        ["V8.1"] = "1-4", ["V8.2"] = "1-3", ["V8.3"] = "1-8",
        ["V9.1"] = "1-3", ["V9.2"] = "1-4",
        ["V10.2"] = "1,2", ["V10.3"] = "1-3",
        ["V11.1"] = "1-8",
        ["V12.1"] = "1-3", ["V12.2"] = "1", ["V12.3"] = "1-6", ["V12.4"] = "1,2", ["V12.5"] = "1,2", ["V12.6"] = "1",
        ["V13.1"] = "1,3-5", ["V13.2"] = "1-3,5,6", ["V13.3"] = "1,2", ["V13.4"] = "1,2",
        ["V14.1"] = "1-4", ["V14.2"] = "1-6", ["V14.3"] = "2,3", ["V14.4"] = "1-7", ["V14.5"] = "1-4",
    };

    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "src", "AdminPortal", "Help", "security.md"));
    private static readonly List<Line> Lines = [.. Text.Split('\n').Where(line => line.StartsWith("| V", StringComparison.Ordinal)).Select(Line.Read)];
    private static readonly Sources Portal = new(["src", "wwwroot-assets"], ".cs", ".razor", ".js", ".css", ".md");
    private static readonly Sources Tests = new(["tests"], ".cs");

    [Fact]
    public void Numbers_OfLevels1And2_StandThereOnceEach()
    {
        var expected = Levels1And2.SelectMany(section => section.Value.Split(',').SelectMany(part => Between(part)).Select(number => $"{section.Key}.{number}")).ToList();
        var numbers = Lines.SelectMany(line => line.Numbers).ToList();

        numbers.GroupBy(number => number).Where(group => group.Count() > 1).Select(group => group.Key).ShouldBeEmpty("These stand there twice.");
        expected.Except(numbers).ShouldBeEmpty("These are missing.");
        numbers.Except(expected).ShouldBeEmpty("These are none of levels 1 and 2.");
    }

    [Fact]
    public void Lines_Each_HasAStatusAndWhatGoesWithIt()
    {
        foreach (var line in Lines)
        {
            line.Asked.ShouldNotBeEmpty(line.First);
            line.Where.ShouldNotBeEmpty($"{line.First}: say where, or why not.");
            line.Status.ShouldBeOneOf(Met, MetUntested, InPart, NotMet, DoesNotApply);
            if (line.Status == Met) line.TestNames.ShouldNotBeEmpty($"{line.First} is met: by which test?");
            if (line.Status is MetUntested or NotMet or DoesNotApply) line.TestNames.ShouldBeEmpty($"{line.First} has a test.");
            if (line.Status is Met or MetUntested) line.WhereNames.ShouldNotBeEmpty($"{line.First} is met: where?");
        }
    }

    [Fact]
    public void Tests_TheirNames_Exist() =>
        Lines.SelectMany(line => line.TestNames.Where(name => !IsTest(name)).Select(name => $"{line.First}: {name}")).ShouldBeEmpty();

    [Fact]
    public void Places_TheirNames_Exist() =>
        Lines.SelectMany(line => line.WhereNames.Where(name => !IsPlace(name)).Select(name => $"{line.First}: {name}")).ShouldBeEmpty();


    [Fact]
    public void Shortcomings_AreAllToldBeforeTheTablesAndNothingElseIs()
    {
        var told = Shortcoming().Matches(Text[..Text.IndexOf("| V1.1.1", StringComparison.Ordinal)]).SelectMany(match => Numbers(match.Groups[1].Value)).ToList();
        var are = Lines.Where(line => line.Status is InPart or NotMet).SelectMany(line => line.Numbers).ToList();

        are.Except(told).ShouldBeEmpty("Not told.");
        told.Except(are).ShouldBeEmpty("Told, and met.");
        told.ShouldBeUnique();
    }

    [Theory]
    [InlineData("SignInDoorTests", true)]
    [InlineData("SignInDoorTests.Password_Hashed_IsSlowToTry", true)]
    [InlineData("tests/packages.sh", true)]
    [InlineData("SignInDoorTests.Password_Hashed_IsSlow", false)]
    [InlineData("SignInDoorTests.Password_Hashed_IsSlowToTryAgain", false)]
    [InlineData("HeaderTests.Password_Hashed_IsSlowToTry", false)]
    [InlineData("SignInDoorTest", false)]
    // No test, though it is a class of the tests.
    [InlineData("RunningPortal", false)]
    [InlineData("SignInDoorTests.TryAsync", false)]
    [InlineData("tests/package.sh", false)]
    public void Test_Name_IsKnownOrNot(string name, bool isOne) => IsTest(name).ShouldBe(isOne);

    [Theory]
    [InlineData("SignInDoor", true)]
    [InlineData("SignInDoor.TryAsync", true)]
    [InlineData("SignIn.razor", true)]
    [InlineData("PasswordInput", true)]
    [InlineData("portal.js", true)]
    [InlineData("tests/run.sh", true)]
    [InlineData("Portal:SessionCheckInterval", true)]
    [InlineData("SignInDoors", false)]
    [InlineData("SignInDoor.TryHarder", false)]
    [InlineData("SignInDoorTests", false)]
    [InlineData("SignOut.razor", false)]
    [InlineData("Portal:SessionCheck", false)]
    public void Place_Name_IsKnownOrNot(string name, bool isOne) => IsPlace(name).ShouldBe(isOne);

    private static bool IsTest(string name)
    {
        if (name.Contains('/', StringComparison.Ordinal)) return File.Exists(Path.Combine(Repository.Root, name));
        var (type, member) = Split(name);
        return Tests.Declaring(type) is { Count: > 0 } sources
            && sources.SelectMany(source => TestMethod().Matches(source)).Any(match => member is null || match.Groups[1].Value == member);
    }

    private static bool IsPlace(string name)
    {
        if (name.StartsWith("Portal:", StringComparison.Ordinal)) return Setting(name).IsMatch(File.ReadAllText(Path.Combine(Repository.Root, "README.md")));
        if (File.Exists(Path.Combine(Repository.Root, name)) || Portal.HasFile(name)) return true;
        var (type, member) = Split(name);
        return Portal.Declaring(type) is { Count: > 0 } sources
            && (member is null || sources.Exists(source => Regex.IsMatch(source, $@"\b{Regex.Escape(member)}\b(?!\s*\.)", RegexOptions.CultureInvariant)));
    }

    private static (string Type, string? Member) Split(string name) => name.Split('.') is [var type, var member] ? (type, member) : (name, null);

    // The whole key, as the README's table has it.
    private static Regex Setting(string key) => new($"`{Regex.Escape(key)}[`:]", RegexOptions.CultureInvariant);

    private static IEnumerable<int> Between(string part)
    {
        var ends = part.Split('-').Select(int.Parse).ToList();
        return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
    }

    // "V2.1.1", "V2.1.1, V2.1.3" and "V2.1.1–V2.1.3".
    private static IEnumerable<string> Numbers(string text) => text.Split(',', StringSplitOptions.TrimEntries).SelectMany(part =>
    {
        var ends = part.Split('–', StringSplitOptions.TrimEntries);
        ends.ShouldAllBe(end => Number().IsMatch(end), $"{part} is no number.");
        var section = ends[0][..ends[0].LastIndexOf('.')];
        ends[^1].ShouldStartWith(section + ".");
        return Between(string.Join('-', ends.Select(end => end[(end.LastIndexOf('.') + 1)..]))).Select(number => $"{section}.{number}");
    });

    [GeneratedRegex(@"^V\d+\.\d+\.\d+$", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"^- \*\*([^*]+)\*\*", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Shortcoming();

    [GeneratedRegex(@"\[(?:Fact|Theory)\](?:(?!\bpublic\b)[\s\S])*?\bpublic\s+(?:async\s+)?(?:Task|void)\s+(\w+)\(", RegexOptions.CultureInvariant)]
    private static partial Regex TestMethod();

    private sealed partial record Line(IReadOnlyList<string> Numbers, string Asked, string Where, string Test, string Status)
    {
        public string First => Numbers[0];

        public IEnumerable<string> TestNames => Code().Matches(Test).Select(match => match.Groups[1].Value);

        public IEnumerable<string> WhereNames => Code().Matches(Where).Select(match => match.Groups[1].Value);

        public static Line Read(string line)
        {
            var cells = line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries);
            cells.Length.ShouldBe(5, line);
            return new Line([.. SecurityChecklistTests.Numbers(cells[0])], cells[1], cells[2], cells[3], cells[4]);
        }

        [GeneratedRegex("`([^`]+)`", RegexOptions.CultureInvariant)]
        private static partial Regex Code();
    }

    /// <summary>The files of some folders, and the types that they declare.</summary>
    private sealed partial class Sources
    {
        private readonly HashSet<string> _files = new(StringComparer.Ordinal);
        private readonly Dictionary<string, List<string>> _types = new(StringComparer.Ordinal);

        public Sources(string[] folders, params string[] extensions)
        {
            foreach (var file in folders.SelectMany(folder => Repository.Files(folder, extensions)))
            {
                _files.Add(Path.GetFileName(file));
                var source = File.ReadAllText(file);
                if (file.EndsWith(".razor", StringComparison.Ordinal)) Add(Path.GetFileNameWithoutExtension(file), source);
                if (!file.EndsWith(".cs", StringComparison.Ordinal)) continue;
                foreach (var type in Declaration().Matches(source).Select(match => match.Groups[1].Value).Distinct()) Add(type, source);
            }
        }

        public bool HasFile(string name) => _files.Contains(name);

        public List<string> Declaring(string type) => _types.GetValueOrDefault(type) ?? [];

        private void Add(string type, string source)
        {
            if (!_types.TryGetValue(type, out var sources)) _types[type] = sources = [];
            sources.Add(source);
        }

        [GeneratedRegex(@"^\s*(?:(?:public|internal|private|static|sealed|abstract|partial|readonly|file)\s+)*(?:class|record struct|record|struct|enum|interface)\s+(\w+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
        private static partial Regex Declaration();
    }
}
