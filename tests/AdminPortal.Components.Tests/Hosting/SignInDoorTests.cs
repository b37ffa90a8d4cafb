using System.Net;
using AdminPortal.Features.SignIn;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>A refused sign-in tells nothing about who there is.</summary>
public sealed class SignInDoorTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Fact]
    public async Task SignIn_RefusedForWhateverReason_IsAnsweredTheSameAndHashesOnce()
    {
        await using var own = new RunningPortal();
        await own.InitializeAsync();
        using var client = own.NewClient();

        var nobody = await TryAsync(own, client, "nobody@example.com", "a wrong password");
        var wrong = await TryAsync(own, client, RunningPortal.Email, "a wrong password");
        wrong.ShouldBe(nobody);
        // The fifth closes the name; the sixth finds it closed, with the right password too.
        for (var tries = 2; tries <= 5; tries++) (await TryAsync(own, client, RunningPortal.Email, "a wrong password")).ShouldBe(nobody);
        (await TryAsync(own, client, RunningPortal.Email, "a wrong password")).ShouldBe(nobody);
        (await TryAsync(own, client, RunningPortal.Email, RunningPortal.Password)).ShouldBe(nobody);
        for (var tries = 1; tries <= 7; tries++) (await TryAsync(own, client, "nobody@example.com", "a wrong password")).ShouldBe(nobody);
    }

    [Fact]
    public async Task SignIn_NameTriedTooOften_IsToldWhenToComeBackWhetherItExistsOrNot()
    {
        using var client = portal.NewClient();
        var answers = new List<string>();
        foreach (var name in new[] { "somebody@example.com", "SomeBody@Example.com " })
        {
            for (var tries = 0; tries < SignInNames.Tries / 2; tries++)
            {
                // From everywhere: no address runs into its own limit.
                client.From = $"198.51.{(name[0] == 's' ? 7 : 8)}.{tries}";
                using var answer = await client.SubmitAsync("/sign-in", name, "a wrong password");
                answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            }
        }

        var before = portal.Hasher.Checks;
        using var last = await client.SubmitAsync("/sign-in", "somebody@example.com", "a wrong password");
        last.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        last.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        (await last.Content.ReadAsStringAsync(Token)).ShouldContain("tried too often");
        portal.Hasher.Checks.ShouldBe(before);

        using var other = await client.SubmitAsync("/sign-in", RunningPortal.Email, RunningPortal.Password);
        other.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    /// <summary>The answer as far as it is not chance, with the number of passwords that were checked for it.</summary>
    private static async Task<string> TryAsync(RunningPortal portal, PortalClient client, string email, string password)
    {
        var before = portal.Hasher.Checks;
        using var answer = await client.SubmitAsync("/sign-in", email, password);
        var text = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Token)).QuerySelector("main")!.TextContent;
        return $"{(int)answer.StatusCode}, {portal.Hasher.Checks - before} checked: {string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}";
    }
}
