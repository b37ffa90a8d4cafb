using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <content>The page with the switches.</content>
public sealed partial class SandboxRehearsalTests
{
    [Fact]
    public async Task Page_EverySwitch_SetsAFaultAndClearsIt()
    {
        var page = await fixture.Http.GetStringAsync("/sandbox");
        var switches = page.Split("name=\"switch\" value=\"").Skip(1).Select(part => part.Split('"')[0]).ToList();
        switches.Count.ShouldBeGreaterThan(40);
        foreach (var id in switches)
        {
            using var answer = await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = id, ["times"] = "once", ["only"] = "portal:7", ["own"] = """{"kind":"createTwice"}""" });
            answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther, id);
            answer.Headers.Location!.OriginalString.ShouldBe($"/sandbox?only=portal%3A7&set={id}#switch-{id}");
            if (id != "own") page.ShouldContain($"id=\"about-{id}\"");
        }

        var waiting = await WaitingAsync();
        waiting.Count.ShouldBe(switches.Count);
        waiting.Count(fault => fault.GetProperty("only").GetString() == "portal:7").ShouldBe(switches.Count - 1);
        (await PostFormAsync("/sandbox/rehearsal/remove", new() { ["fault"] = Id(waiting[0]).ToString(CultureInfo.InvariantCulture) })).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await WaitingAsync()).Count.ShouldBe(switches.Count - 1);
        (await PostFormAsync("/sandbox/rehearsal/remove", new() { ["fault"] = "all" })).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await WaitingAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Page_ChosenValuesAndScope_AreInTheFault()
    {
        await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = "create-refused", ["value-create-refused"] = "409", ["times"] = "always" });
        var fault = (await WaitingAsync()).ShouldHaveSingleItem();
        (fault.GetProperty("status").GetInt32(), fault.GetProperty("times").GetInt32()).ShouldBe((409, 0));

        // Enter in a field presses the first button, which sets nothing and keeps the scope.
        using var kept = await PostFormAsync("/sandbox/rehearsal", new() { ["times"] = "always", ["only"] = "a&b" });
        kept.Headers.Location!.OriginalString.ShouldBe("/sandbox?times=always&only=a%26b");
        using var wrong = await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = "create-slow", ["value-create-slow"] = "long" });
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await wrong.Content.ReadAsStringAsync()).ShouldContain("Seconds must be a whole number");
        (await WaitingAsync()).Count.ShouldBe(1);

        await PostFormAsync("/sandbox/rehearsal/clock", new() { ["move"] = "86400" });
        (await fixture.Http.GetFromJsonAsync<JsonElement>("/sandbox/clock")).GetProperty("offsetSeconds").GetDouble().ShouldBe(86_400);
        (await fixture.Http.GetStringAsync("/sandbox")).ShouldContain("1 d 00:00:00 ahead of the machine");
        await PostFormAsync("/sandbox/rehearsal/clock", new() { ["move"] = "reset" });
        (await fixture.Http.GetFromJsonAsync<JsonElement>("/sandbox/clock")).GetProperty("offsetSeconds").GetDouble().ShouldBe(0);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Page_FormOfAnotherOrigin_IsRefused(string header, string value)
    {
        foreach (var (path, field, chosen) in new[] { ("", "switch", "deny"), ("/remove", "fault", "all"), ("/clock", "move", "86400") })
        {
            await fixture.Sandbox.ClearFaultsAsync();
            await FaultAsync(new { kind = "createTwice" });
            using var answer = await PostFormAsync("/sandbox/rehearsal" + path, new() { [field] = chosen }, (header, value));
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await WaitingAsync()).ShouldHaveSingleItem().GetProperty("kind").GetString().ShouldBe("createTwice");
            (await fixture.Http.GetFromJsonAsync<JsonElement>("/sandbox/clock")).GetProperty("offsetSeconds").GetDouble().ShouldBe(0);
        }

        using var own = await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = "deny" }, ("Origin", fixture.Sandbox.Address.GetLeftPart(UriPartial.Authority)));
        own.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Page_WhateverComesFromOutside_IsEncoded()
    {
        const string markup = "\"><b>zq'&";
        await FaultAsync(new { match = "GET /ping*", status = 500, only = markup });
        await FaultAsync(new { kind = "urlOtherClientId", value = markup });
        await OAuthUrlAsync();
        await FaultAsync(new { kind = "urlNotAnUrl", value = markup });
        await SendAsync("GET", "/ping/" + Uri.EscapeDataString(markup) + "?x=" + Uri.EscapeDataString(markup));
        await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = "url-none", ["value-url-none"] = markup, ["only"] = markup });
        using var wrong = await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = "own", ["own"] = markup, ["only"] = markup, ["times"] = markup });
        using var unknown = await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = markup });
        var query = Uri.EscapeDataString(markup);

        var pages = new[]
        {
            await fixture.Http.GetStringAsync($"/sandbox?only={query}&set={query}&times={query}&live={query}"),
            await fixture.Http.GetStringAsync($"/sandbox?only={query}&live=1"),
            await fixture.Http.GetStringAsync("/sandbox/journal"),
            await wrong.Content.ReadAsStringAsync(),
            await unknown.Content.ReadAsStringAsync(),
        };
        foreach (var page in pages) page.ShouldNotContain("<b>zq");
        pages[0].ShouldContain("&quot;&gt;&lt;b&gt;zq");
        pages[0].ShouldContain("urlOtherClientId");
        pages[2].ShouldContain("urlOtherClientId");
    }

    [Fact]
    public async Task Page_RefreshesOnlyWhenAskedTo()
    {
        const string refresh = "http-equiv=\"refresh\"";
        (await fixture.Http.GetStringAsync("/sandbox")).ShouldNotContain(refresh);
        using var live = await fixture.Http.GetAsync("/sandbox/rehearsal?live=1");
        (await live.Content.ReadAsStringAsync()).ShouldContain(refresh);
        live.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'; style-src 'self'");
        (await fixture.Http.GetStringAsync("/")).ShouldContain("href=\"/sandbox\"");
    }
}
