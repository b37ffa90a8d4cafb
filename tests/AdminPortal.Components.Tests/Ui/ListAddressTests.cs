using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Sync;
using AdminPortal.Features.Activity;
using AdminPortal.Features.Api;
using AdminPortal.Features.Attempts;
using AdminPortal.Features.Instances;
using AdminPortal.Features.Lapses;
using AdminPortal.Features.LegacyKeys;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Lapses;
using AdminPortal.Ui;

namespace AdminPortal.Components.Tests.Ui;

/// <summary>The addresses of lists: saved views and links that people kept have to go on working.</summary>
public sealed class ListAddressTests
{
    private const string Id = "019a2f4e-7c10-7d3a-9b58-3f0e6c1a2b4d";

    private static readonly ElementCatalog Catalog = ElementCatalog.Infusionsoft;

    private static readonly InstanceEdge Edge = new("Ärger & more", 7);
    private static readonly AttemptEdge Attempt = new(new DateTimeOffset(2026, 3, 1, 8, 30, 0, TimeSpan.Zero), Guid.Parse(Id));

    [Theory]
    [InlineData("/instances?view=all")]
    [InlineData("/instances?search=caf%C3%A9%20%26%20bar&element=infusionsoftcrm&state=NeedsAttention&account="
        + Id + "&tag=a%2Fb&attention=1&legacy=1&sort=name&dir=desc&size=50")]
    [InlineData("/instances?dir=asc")]
    [InlineData("/instances?sort=checked")]
    [InlineData("/instances?size=100&page=last")]
    public void Instances_Address_IsWrittenAsItWasRead(string address) =>
        InstanceListAddress.Write(InstanceListAddress.Read(Catalog, address)).ShouldBe(address);

    [Fact]
    public void Instances_Place_IsReadAsItWasWritten()
    {
        var after = new InstanceListQuery { After = Edge };
        var before = new InstanceListQuery { Before = Edge };

        InstanceListAddress.Read(Catalog, InstanceListAddress.Write(after)).ShouldBe(after);
        InstanceListAddress.Read(Catalog, InstanceListAddress.Write(before)).ShouldBe(before);
        InstanceListAddress.Read(Catalog, $"?after={Edge.Write()}&before={Edge.Write()}&page=last").ShouldBe(after);
    }

    [Theory]
    [InlineData("/instances?element=unknown&state=3&account=x&attention=yes&sort=2&dir=up&size=26&after=x&before=y&page=first")]
    [InlineData("/instances?search=%20%20&tag=&state=&size=")]
    [InlineData("/instances#search=x")]
    public void Instances_InvalidParameters_CountAsNotGiven(string address) =>
        InstanceListAddress.Read(Catalog, address).ShouldBe(new InstanceListQuery());

    [Fact]
    public void Instances_LongTexts_AreCutOrLeftOut()
    {
        var query = InstanceListAddress.Read(Catalog, $"?search={new string('a', 200)}&tag={new string('b', 256)}");

        query.ShouldBe(new InstanceListQuery { Search = new string('a', InstanceListQuery.MaxSearchLength) });
    }

    [Theory]
    [InlineData("/attempts")]
    [InlineData("/attempts?show=all&search=north")]
    [InlineData("/attempts?show=ended")]
    public void Attempts_Address_IsWrittenAsItWasRead(string address) =>
        AttemptListAddress.Write(AttemptListAddress.Read(address)).ShouldBe(address);

    [Fact]
    public void Attempts_Place_IsReadAsItWasWritten()
    {
        var before = new AttemptListQuery { Group = AttemptGroup.All, Before = Attempt };

        AttemptListAddress.Read(AttemptListAddress.Write(before)).ShouldBe(before);
        AttemptListAddress.Read($"?after={Attempt.Write()}&before={Attempt.Write()}").ShouldBe(new AttemptListQuery { After = Attempt });
    }

    [Theory]
    [InlineData("/activity")]
    [InlineData("/activity?action=AccountAdded&person=" + Id + "&instance=" + Id + "&account=" + Id + "&app=" + Id + "&attempt=" + Id
        + "&job=" + Id
        + "&name=Acme%20%26%20Co&from=2026-01-31&to=2026-02-01&before=12")]
    [InlineData("/activity?person=none&after=12")]
    public void Activity_Address_IsWrittenAsItWasRead(string address) =>
        ActivityAddress.Write(ActivityAddress.Path, ActivityAddress.Read(address)).ShouldBe(address);

    [Fact]
    public void Activity_PageOfOneObject_DoesNotRepeatIt() =>
        ActivityAddress.Write("/instances/1/activity", ActivityAddress.Read($"?instance={Id}&before=12"))
            .ShouldBe("/instances/1/activity?before=12");

    [Theory]
    [InlineData("?action=3&person=x&from=2026-1-1&before=-1&after=x")]
    [InlineData("?before=%2B1&name=")]
    public void Activity_InvalidParameters_CountAsNotGiven(string address) => ActivityAddress.Read(address).ShouldBe(new ActivityQuery());

    [Theory]
    [InlineData("/legacy-keys")]
    [InlineData("/legacy-keys?account=" + Id + "&after=" + Id)]
    [InlineData("/legacy-keys?before=" + Id)]
    public void LegacyKeys_Address_IsWrittenAsItWasRead(string address) =>
        LegacyKeysAddress.Write(LegacyKeysAddress.Read(address)).ShouldBe(address);

    [Fact]
    public void Lapses_AddressOfTheFeed_IsReadByThePage()
    {
        var day = new DateOnly(2026, 2, 28);
        var address = LapseAddress.Of(day);

        LapsesAddress.Read(address).ShouldBe(new LapseChoice { Month = new DateOnly(2026, 2, 1), Day = day });
        LapsesAddress.Write(LapsesAddress.Read(address)).ShouldBe(address);
        LapsesAddress.Read("?month=2026-13&day=1999-12-31").ShouldBe(new LapseChoice());
    }

    [Fact]
    public void Api_Lists_AreWrittenAsTheyWereRead()
    {
        RoundTrip(
            ApiLists.Instances(Catalog),
            $"?state=Active&element=infusionsoftcrm&tag=a&account={Id}&attention=true&search=x&sort=name&descending=true&limit=7");
        RoundTrip(ApiLists.Attempts, "?show=open&search=x&limit=7");
        RoundTrip(ApiLists.Drift, $"?account={Id}&kind={nameof(DriftKind.Changed)}&ignored=true&limit=7");

        static void RoundTrip<T>(ListAddress<T> list, string query)
        {
            list.Write(list.Read(query)).ShouldBe(query);
            list.Write(list.Read("")).ShouldBe("");
        }
    }

    [Fact]
    public void Check_InvalidParameters_AreNamedInTheOrderOfTheList()
    {
        var (query, invalid) = ApiLists.Instances(Catalog).Check(key => key switch
        {
            "state" => "9",
            "account" => "x",
            "descending" => "no",
            "limit" => "0",
            "search" => "ok",
            _ => null,
        });

        invalid.Select(field => field.Key).ShouldBe(["state", "account", "descending", "limit"]);
        invalid[0].Expected.ShouldBeOfType<ExpectedValue.OneOf>().Names.ShouldBe(Enum.GetNames<InstanceState>());
        query.ShouldBe(new InstanceListQuery { Search = "ok", PageSize = 50 });
    }

    [Fact]
    public void Activity_Actions_AreReadByName() =>
        Enum.GetValues<ActivityAction>()
            .ShouldAllBe(action => ActivityAddress.Read($"?action={action.ToString().ToUpperInvariant()}").Action == action);
}
