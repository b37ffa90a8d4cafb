using System.Net;
using System.Text.Json.Nodes;
using AdminPortal.Components.Tests.Hosting;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Sync;
using AdminPortal.Features.Api;
using AdminPortal.Platform;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Components.Tests.Features.Api;

/// <summary>What scripts do with the API.</summary>
public sealed class ApiCallTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Fact]
    public async Task Instances_PagesWhileRowsComeAndGo_MissNothingThatStays()
    {
        var (token, _, _) = await portal.NewTokenAsync(Role.Viewer, ApiScope.Read);
        var account = await portal.AddAccountAsync();
        var ids = await portal.AddInstancesAsync(account, 60);
        var seen = new List<Guid>();
        var path = $"/api/v1/instances?account={account}&sort=name&limit=7";
        string? next = path;
        var pages = 0;
        while (next is not null)
        {
            var reply = await portal.CallAsync("GET", next, token);
            reply.Status.ShouldBe(HttpStatusCode.OK, reply.Text);
            seen.AddRange(reply.Json["items"]!.AsArray().Select(item => Guid.Parse(item!["id"]!.GetValue<string>())));
            var cursor = reply.Json["next"]?.GetValue<string>();
            next = cursor is null ? null : $"{path}&cursor={cursor}";
            reply.Header("Link").ShouldBe(next is null ? null : $"<https://{RunningPortal.Host}{next}>; rel=\"next\"");
            // The row at the edge goes, and one comes above and one below it.
            await using var db = portal.OpenDatabase();
            var edge = seen[^1];
            await db.Instances.Where(row => row.Id == edge).ExecuteDeleteAsync(Token);
            if (pages++ < 3) await portal.AddInstancesAsync(account, 2, (row, number) => row.Name = number == 0 ? $"Aa {pages}" : $"Zz {pages}");
        }

        seen.Distinct().Count().ShouldBe(seen.Count);
        ids.Except(seen).ShouldBeEmpty();
        pages.ShouldBe(9);
    }

    [Theory]
    [InlineData("created")]
    [InlineData("account")]
    [InlineData("element")]
    [InlineData("server")]
    [InlineData("state")]
    [InlineData("checked")]
    public async Task Instances_EveryOrder_IsPagedThrough(string sort)
    {
        var (token, _, _) = await portal.NewTokenAsync(Role.Viewer, ApiScope.Read);
        var account = await portal.AddAccountAsync();
        var ids = await portal.AddInstancesAsync(account, 25);
        foreach (var descending in new[] { true, false })
        {
            var seen = await ReadAllAsync(token, $"/api/v1/instances?account={account}&sort={sort}&descending={descending}&limit=10");
            seen.Select(item => Guid.Parse(item["id"]!.GetValue<string>())).Order().ShouldBe(ids.Order());
        }
    }

    [Fact]
    public async Task Instances_Filters_AreThoseOfTheList()
    {
        var (token, _, _) = await portal.NewTokenAsync(Role.Viewer, ApiScope.Read);
        var account = await portal.AddAccountAsync();
        await portal.AddInstancesAsync(account, 6, (row, number) =>
        {
            row.State = number == 0 ? InstanceState.NeedsAttention : number == 1 ? InstanceState.MissingOnPlatform : number == 2 ? InstanceState.Disabled : InstanceState.Active;
            if (number == 3) row.Tags = ["only-this"];
            if (number == 4) row.Name = "Crème brûlée";
        });
        async Task<int> CountAsync(string filter) => (await ReadAllAsync(token, $"/api/v1/instances?account={account}&{filter}")).Count;

        (await CountAsync("attention=true")).ShouldBe(2);
        (await CountAsync("attention=false")).ShouldBe(6);
        (await CountAsync("state=Disabled")).ShouldBe(1);
        (await CountAsync("tag=only-this")).ShouldBe(1);
        (await CountAsync("search=creme%20br")).ShouldBe(1);
        (await CountAsync("element=infusionsoftrest")).ShouldBe(6);
        (await CountAsync("element=infusionsoftcrm")).ShouldBe(0);
    }

    [Theory]
    [InlineData("instances?state=Broken", "state", "Active, NeedsAttention, Disabled, MissingOnPlatform")]
    [InlineData("instances?state=1", "state", "Give one of")]
    [InlineData("instances?state=Active&state=Disabled", "state", "once")]
    [InlineData("instances?element=salesforce", "element", "infusionsoftrest")]
    [InlineData("instances?account=1", "account", "Give an id")]
    [InlineData("instances?attention=yes", "attention", "true or false")]
    [InlineData("instances?sort=size", "sort", "Name, Element")]
    [InlineData("instances?limit=0", "limit", "1 to 200")]
    [InlineData("instances?limit=201", "limit", "1 to 200")]
    [InlineData("instances?limit=many", "limit", "1 to 200")]
    [InlineData("instances?cursor=nonsense", "cursor", "does not belong")]
    [InlineData("instances?cursor=%00", "cursor", "does not belong")]
    [InlineData("instances?stat=Active", "stat", "state, element")]
    [InlineData("attempts?show=some", "show", "Open, Ended")]
    [InlineData("attempts?cursor=AAAA", "cursor", "does not belong")]
    [InlineData("drift?kind=Other", "kind", "OnlyOnPlatform")]
    [InlineData("drift?ignored=2", "ignored", "true or false")]
    public async Task Parameters_ThatAreNotUnderstood_AreNamed(string address, string name, string sentence)
    {
        var (token, _, _) = await portal.NewTokenAsync(Role.Viewer, ApiScope.Read);

        var reply = await portal.CallAsync("GET", "/api/v1/" + address, token);

        (reply.Status, reply.Problem).ShouldBe((HttpStatusCode.BadRequest, "invalid"));
        reply.Json["errors"]![name]!.AsArray().ShouldHaveSingleItem()!.GetValue<string>().ShouldContain(sentence);
    }

    [Fact]
    public async Task Cursor_OfOtherFilters_IsRefused()
    {
        var (token, _, _) = await portal.NewTokenAsync(Role.Viewer, ApiScope.Read);
        var account = await portal.AddAccountAsync();
        await portal.AddInstancesAsync(account, 3);
        var cursor = (await portal.CallAsync("GET", $"/api/v1/instances?account={account}&limit=1", token)).Json["next"]!.GetValue<string>();

        (await portal.CallAsync("GET", $"/api/v1/instances?account={account}&limit=2&cursor={cursor}", token)).Status.ShouldBe(HttpStatusCode.OK);
        (await portal.CallAsync("GET", $"/api/v1/instances?account={account}&limit=1&sort=name&cursor={cursor}", token)).Json["errors"]!["cursor"].ShouldNotBeNull();
        (await portal.CallAsync("GET", $"/api/v1/instances?limit=1&cursor={cursor}", token)).Json["errors"]!["cursor"].ShouldNotBeNull();
        (await portal.CallAsync("GET", $"/api/v1/attempts?cursor={cursor}", token)).Json["errors"]!["cursor"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Instance_Version_IsKeptFromBeingOverwritten()
    {
        var (token, _, _) = await portal.NewTokenAsync(Role.Operator, ApiScope.Read, ApiScope.Edit);
        var id = (await portal.AddInstancesAsync(await portal.AddAccountAsync(), 1))[0];
        var path = $"/api/v1/instances/{id}";
        var read = await portal.CallAsync("GET", path, token);
        var tag = read.Header("ETag")!;

        (await portal.CallAsync("GET", path, token, null, ("If-None-Match", tag))).Status.ShouldBe(HttpStatusCode.NotModified);
        (await portal.CallAsync("GET", path, token, null, ("If-None-Match", "\"other\", W/" + tag))).Status.ShouldBe(HttpStatusCode.NotModified);
        (await portal.CallAsync("GET", path, token, null, ("If-None-Match", "\"other\""))).Status.ShouldBe(HttpStatusCode.OK);
        var without = await portal.CallAsync("PATCH", path, token, """{"name":"New"}""");
        (without.Status, without.Problem).ShouldBe(((HttpStatusCode)428, "version-required"));

        var changed = await portal.CallAsync("PATCH", path, token, """{"name":"New"}""", ("If-Match", tag));
        changed.Status.ShouldBe(HttpStatusCode.OK, changed.Text);
        (changed.Json["name"]!.GetValue<string>(), changed.Json["tags"]!.ToJsonString()).ShouldBe(("New", """["docs"]"""));
        changed.Header("ETag").ShouldNotBe(tag);
        var stale = await portal.CallAsync("PATCH", path, token, """{"name":"Newer"}""", ("If-Match", tag));
        (stale.Status, stale.Problem).ShouldBe((HttpStatusCode.PreconditionFailed, "stale"));
        (await portal.CallAsync("PATCH", path, token, """{"name":"Newer"}""", ("If-Match", "W/" + changed.Header("ETag")))).Problem.ShouldBe("stale");
        (await portal.CallAsync("PATCH", path, token, """{"tags":["a","b"]}""", ("If-Match", "*"), ("Content-Type", "application/merge-patch+json"))).Json["tags"]!.ToJsonString().ShouldBe("""["a","b"]""");
        var read2 = await portal.CallAsync("GET", path, token);
        (read2.Json["name"]!.GetValue<string>(), read2.Json["tags"]!.ToJsonString()).ShouldBe(("New", """["a","b"]"""));
    }

    [Fact]
    public async Task Instance_ChangedByManyAtOnce_IsChangedByOne()
    {
        var (token, _, _) = await portal.NewTokenAsync(Role.Operator, ApiScope.Read, ApiScope.Edit);
        var id = (await portal.AddInstancesAsync(await portal.AddAccountAsync(), 1))[0];
        var tag = (await portal.CallAsync("GET", $"/api/v1/instances/{id}", token)).Header("ETag")!;

        var replies = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => portal.CallAsync("PATCH", $"/api/v1/instances/{id}", token, $$"""{"name":"N{{number}}"}""", ("If-Match", tag))));

        replies.Count(reply => reply.Status == HttpStatusCode.OK).ShouldBe(1);
        replies.Count(reply => reply.Problem == "stale").ShouldBe(5);
    }

    [Theory]
    [InlineData("""{"name":""}""", "application/json", HttpStatusCode.BadRequest, "name")]
    [InlineData("""{"tags":["portal:mine"]}""", "application/json", HttpStatusCode.BadRequest, "tags")]
    [InlineData("""{"name":5}""", "application/json", HttpStatusCode.BadRequest, "name")]
    [InlineData("""{"nam":"x"}""", "application/json", HttpStatusCode.BadRequest, null)]
    [InlineData("""{"name":"x","name":"y"}""", "application/json", HttpStatusCode.BadRequest, null)]
    [InlineData("null", "application/json", HttpStatusCode.BadRequest, "body")]
    [InlineData("", "application/json", HttpStatusCode.BadRequest, "body")]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest, "body")]
    [InlineData("name=x", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType, null)]
    public async Task Body_ThatIsNotUnderstood_IsAProblem(string body, string type, HttpStatusCode status, string? name)
    {
        var (token, _, _) = await portal.NewTokenAsync(Role.Operator, ApiScope.Edit);
        var id = (await portal.AddInstancesAsync(await portal.AddAccountAsync(), 1))[0];

        var reply = await portal.CallAsync("PATCH", $"/api/v1/instances/{id}", token, body, ("If-Match", "*"), ("Content-Type", type));

        reply.Status.ShouldBe(status, reply.Text);
        reply.ContentType.ShouldBe("application/problem+json");
        if (name is not null) reply.Json["errors"]![name].ShouldNotBeNull(reply.Text);
    }

    [Fact]
    public async Task Instance_PlatformThatSaysNo_IsQuoted()
    {
        await using var other = new RunningPortal();
        await other.InitializeAsync();
        var (token, _, _) = await other.NewTokenAsync(Role.Operator);
        var id = (await other.AddInstancesAsync(await other.AddAccountAsync(), 1))[0];
        async Task<string> PatchAsync() => (await other.CallAsync("PATCH", $"/api/v1/instances/{id}", token, """{"name":"x"}""", ("If-Match", "*"))).Problem;

        other.Platform().OnUpdate = (_, _) => FakePlatform.Refuse<PlatformInstance>(400, "Not this name");
        (await PatchAsync()).ShouldBe("platform-refused");
        other.Platform().OnUpdate = (_, _) => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected);
        (await PatchAsync()).ShouldBe("platform-unreachable");
        other.Platform().OnUpdate = (_, _) => new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.TimedOut);
        (await PatchAsync()).ShouldBe("platform-unclear");
    }

    [Fact]
    public async Task Validate_Instance_TellsWhatItFoundAndKeepsIt()
    {
        var (token, person, _) = await portal.NewTokenAsync(Role.Operator, ApiScope.Check);
        var id = (await portal.AddInstancesAsync(await portal.AddAccountAsync(), 1))[0];

        var reply = await portal.CallAsync("POST", $"/api/v1/instances/{id}/validate", token);

        reply.Status.ShouldBe(HttpStatusCode.OK, reply.Text);
        (reply.Json["outcome"]!.GetValue<string>(), reply.Json["state"]!.GetValue<string>()).ShouldBe(("Alive", "Active"));
        reply.Json["at"]!.GetValue<string>().ShouldEndWith("Z");
        await using var db = portal.OpenDatabase();
        (await db.InstanceChecks.CountAsync(check => db.Instances.Any(row => row.Id == id && row.Number == check.InstanceNumber), Token)).ShouldBe(1);
        (await db.Activity.CountAsync(line => line.PersonId == person.PersonId && line.InstanceId == id, Token)).ShouldBe(1);
        (await portal.CallAsync("POST", $"/api/v1/instances/{Guid.NewGuid()}/validate", token)).Problem.ShouldBe("not-found");
    }

    [Fact]
    public async Task Attempts_DraftOfAScript_IsMadeOnceAndForAPerson()
    {
        var (token, person, _) = await portal.NewTokenAsync(Role.Operator, ApiScope.Read, ApiScope.Connect);
        var body = ApiClient.NewAttempt(await portal.AddAccountAsync(), await portal.AddAppAsync());
        var key = Guid.NewGuid().ToString();

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => portal.CallAsync("POST", "/api/v1/attempts", token, body, ("Idempotency-Key", key))));

        replies.ShouldAllBe(reply => reply.Status == HttpStatusCode.Created);
        replies.Select(reply => reply.Text).Distinct().ShouldHaveSingleItem();
        replies.Count(reply => reply.Header("Idempotent-Replayed") == "true").ShouldBe(7);
        var made = replies[0].Json;
        var id = made["id"]!.GetValue<string>();
        made["authorizeUrl"]!.GetValue<string>().ShouldBe($"https://{RunningPortal.Host}/connect/{id}/review");
        (made["state"]!.GetValue<string>(), made["hasEncryptedKey"]!.GetValue<bool>(), made["server"]!.GetValue<string>()).ShouldBe(("Draft", true, "dt123.infusionsoft.com"));
        replies[0].Headers.Location!.AbsoluteUri.ShouldBe($"https://{RunningPortal.Host}/api/v1/attempts/{id}");
        await using (var db = portal.OpenDatabase()) (await db.Attempts.CountAsync(row => row.CreatedBy == person.PersonId, Token)).ShouldBe(1);

        var found = await portal.CallAsync("GET", replies[0].Headers.Location!.PathAndQuery, token);
        JsonNode.DeepEquals(found.Json, made).ShouldBeTrue();
        var reused = await portal.CallAsync("POST", "/api/v1/attempts", token, body + " ", ("Idempotency-Key", key));
        (reused.Status, reused.Problem).ShouldBe((HttpStatusCode.UnprocessableEntity, "key-reused"));

        // The link is a page for whoever is signed in.
        using var browser = portal.NewSignedInClient();
        using var page = await browser.GetAsync(new Uri(made["authorizeUrl"]!.GetValue<string>()).AbsolutePath);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Attempts_WrongDraft_NamesTheMembers()
    {
        var (token, person, _) = await portal.NewTokenAsync(Role.Operator, ApiScope.Connect);

        var reply = await portal.CallAsync(
            "POST", "/api/v1/attempts", token,
            $$"""{ "accountId": "{{Guid.NewGuid()}}", "element": "infusionsoftcrm", "server": "planted server", "events": { "callbackUrl": "ftp://x", "minutes": 0 } }""", ("Idempotency-Key", "key"));

        (reply.Status, reply.Problem).ShouldBe((HttpStatusCode.BadRequest, "invalid"));
        reply.Json["errors"]!.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal).ShouldBe(
            ["accountId", "encryptedKey", "events", "events.callbackUrl", "events.minutes", "events.resources", "name", "providerAppId", "server"]);
        await using var db = portal.OpenDatabase();
        (await db.Attempts.AnyAsync(row => row.CreatedBy == person.PersonId, Token)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(null, "Send the header")]
    [InlineData("with blank", "Make the key")]
    [InlineData("a;b", "Make the key")]
    public async Task Attempts_WithoutAKey_AreNotMade(string? key, string sentence)
    {
        var (token, _, _) = await portal.NewTokenAsync(Role.Operator, ApiScope.Connect);

        var reply = await portal.CallAsync("POST", "/api/v1/attempts", token, "{}", key is null ? [] : [("Idempotency-Key", key)]);

        reply.Json["errors"]!["Idempotency-Key"]![0]!.GetValue<string>().ShouldContain(sentence);
    }

    [Fact]
    public async Task Attempts_BodyThatIsTooLarge_IsNotRead()
    {
        var (token, _, _) = await portal.NewTokenAsync(Role.Operator, ApiScope.Connect);

        foreach (var length in new[] { ApiBody.MaxBytes + 1, 2 * 1024 * 1024 })
        {
            var reply = await portal.CallAsync("POST", "/api/v1/attempts", token, new string(' ', length), ("Idempotency-Key", "key"), ("Expect", "100-continue"));
            (reply.Status, reply.Problem).ShouldBe((HttpStatusCode.RequestEntityTooLarge, "too-large"));
        }
    }

    [Fact]
    public async Task Attempts_Pages_HaveAllOfThem()
    {
        await using var other = new RunningPortal();
        await other.InitializeAsync();
        var (token, _, _) = await other.NewTokenAsync(Role.Operator);
        var (account, app) = (await other.AddAccountAsync(), await other.AddAppAsync());
        var made = new List<string>();
        for (var number = 0; number < 7; number++)
            made.Add((await other.CallAsync("POST", "/api/v1/attempts", token, ApiClient.NewAttempt(account, app, $"Draft {number}"), ("Idempotency-Key", $"key-{number}"))).Json["id"]!.GetValue<string>());

        var seen = await ReadAllAsync(token, "/api/v1/attempts?limit=3", other);
        seen.Select(item => item["id"]!.GetValue<string>()).ShouldBe(Enumerable.Reverse(made));
        (await ReadAllAsync(token, "/api/v1/attempts?limit=3&show=Ended", other)).ShouldBeEmpty();
        (await ReadAllAsync(token, "/api/v1/attempts?search=draft%205", other)).ShouldHaveSingleItem()["name"]!.GetValue<string>().ShouldBe("Draft 5");
    }

    [Fact]
    public async Task Drift_OfAllAccounts_IsPagedThrough()
    {
        await using var other = new RunningPortal();
        await other.InitializeAsync();
        var (token, _, _) = await other.NewTokenAsync(Role.Viewer, ApiScope.Read);
        Guid[] accounts = [await other.AddAccountAsync(), await other.AddAccountAsync(), await other.AddAccountAsync()];
        await using (var db = other.OpenDatabase())
        {
            foreach (var account in accounts)
            {
                foreach (var number in Enumerable.Range(1, account == accounts[1] ? 0 : 6))
                {
                    db.Drift.Add(new DriftItem
                    {
                        Id = Guid.CreateVersion7(), PlatformAccountId = account, RunId = Guid.NewGuid(), Kind = (DriftKind)(number % 3), PlatformId = number, Name = $"Number {number}",
                        ElementKey = "infusionsoftrest", Fields = number % 3 == 2 ? [new DriftField("Name", "There", "Here")] : [], Fingerprint = "f", Ignored = number == 6,
                    });
                }
            }

            await db.SaveChangesAsync(Token);
        }

        foreach (var limit in new[] { 1, 2, 3, 5, 10, 12, 200 })
        {
            var all = await ReadAllAsync(token, $"/api/v1/drift?ignored=true&limit={limit}", other);
            all.Select(item => (item["accountId"]!.GetValue<string>(), item["platformId"]!.GetValue<long>())).Distinct().Count().ShouldBe(12, $"{limit}");
            all.Count.ShouldBe(12);
        }

        (await ReadAllAsync(token, "/api/v1/drift?limit=3", other)).Count.ShouldBe(10);
        (await ReadAllAsync(token, $"/api/v1/drift?account={accounts[0]}&kind=Changed&ignored=true", other)).Count.ShouldBe(2);
        var first = await other.CallAsync("GET", $"/api/v1/drift?account={accounts[0]}", token);
        var stands = first.Json["accounts"]!.AsArray().ShouldHaveSingleItem()!;
        (stands["open"]!.GetValue<int>(), stands["ignored"]!.GetValue<int>()).ShouldBe((5, 1));
        first.Json["items"]!.AsArray().Where(item => item!["kind"]!.GetValue<string>() == "OnlyOnPlatform").ShouldAllBe(item => item!["instanceId"] == null);
        (await other.CallAsync("GET", $"/api/v1/drift?account={Guid.NewGuid()}", token)).Problem.ShouldBe("not-found");
    }

    private async Task<List<JsonNode>> ReadAllAsync(string token, string path, RunningPortal? other = null)
    {
        var items = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var reply = await (other ?? portal).CallAsync("GET", cursor is null ? path : $"{path}&cursor={cursor}", token);
            reply.Status.ShouldBe(HttpStatusCode.OK, reply.Text);
            items.AddRange(reply.Json["items"]!.AsArray().Select(item => item!));
            cursor = reply.Json["next"]?.GetValue<string>();
        }
        while (cursor is not null && items.Count < 1000);
        return items;
    }
}
