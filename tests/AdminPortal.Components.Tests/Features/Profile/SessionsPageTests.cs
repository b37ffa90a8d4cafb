using AdminPortal.Domain.Users;
using AdminPortal.Features.Profile;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Profile;

public sealed class SessionsPageTests : PortalTest
{
    [Fact]
    public async Task SessionsPage_EndOneAndAllOthers_LeavesThisOne()
    {
        await ConfirmAdaAsync();
        await using (var db = OpenDatabase())
        {
            foreach (var browser in new[] { "curl/8.1", "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", null })
            {
                var now = Clock.GetUtcNow() - TimeSpan.FromHours(1);
                db.Sessions.Add(new PersonSession { Id = Guid.CreateVersion7(now), PersonId = Ada, SecurityStamp = "stamp", OpenedAt = now, SeenAt = now, ConfirmedAt = now, Browser = browser });
            }

            await db.SaveChangesAsync(Token);
        }

        var dialogs = Render<RadzenDialog>();
        var page = Render<SessionsPage>();

        page.Words().ShouldContain("A session ends by itself after 12 hours in which you did nothing, and 14 days after the sign-in at the latest.");
        var rows = page.FindAll("tbody tr").Select(row => row.Words()).ToList();
        rows.Count.ShouldBe(4);
        rows[0].ShouldStartWith("Chrome on Linux 203.0.113.1");
        rows[0].ShouldEndWith("This one");
        string.Join('\n', rows).ShouldContain("Edge on Windows Unknown");
        string.Join('\n', rows).ShouldContain("curl/8.1");
        string.Join('\n', rows).ShouldContain("Unknown browser");

        page.Press("End the session in Edge on Windows, signed in 1 Mar 2026 11:00:00");
        page.WaitForAssertion(() => page.Role("status").ShouldContain("The session has ended. Its pages are led to the sign-in within a minute."));
        page.FindAll("tbody tr").Count.ShouldBe(3);

        page.Press("End all others");
        dialogs.WaitForAssertion(() => dialogs.Button("End all others"));
        dialogs.Press("End all others");
        page.WaitForAssertion(() => page.Role("status").ShouldContain("2 sessions have ended. Their pages are led to the sign-in within a minute."));
        page.FindAll("tbody tr").Count.ShouldBe(1);
        page.Buttons("End all others").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox", "Linux")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "Safari", "macOS")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome", "iPhone")]
    [InlineData("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome", "Android")]
    public void BrowserName_OfWhatBrowsersSay_IsTwoWords(string userAgent, string browser, string system) => BrowserName.Of(userAgent).ShouldBe((browser, system));
}
