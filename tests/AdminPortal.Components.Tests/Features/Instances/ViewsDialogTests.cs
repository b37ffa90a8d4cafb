using AdminPortal.Domain.Access;
using AdminPortal.Features.Instances;
using AdminPortal.Provisioning.Instances;

namespace AdminPortal.Components.Tests.Features.Instances;

public sealed class ViewsDialogTests : PortalTest
{
    [Fact]
    public async Task ViewsDialog_Saved_KeepsTheQueryUnderItsName()
    {
        var dialog = RenderDialog("?state=Disabled");
        dialog.Words().ShouldContain("You have none yet");

        dialog.Enter("Name of the view", " Off ");
        dialog.Field("Open the list with this view").Change(true);
        dialog.Find("form").Submit();

        dialog.WaitForAssertion(() => dialog.FindAll(".field-error").ShouldBeEmpty());
        var view = (await Get<SavedViewService>().ListAsync(Ada, Token)).ShouldHaveSingleItem();
        (view.Name, view.Query, view.IsDefault).ShouldBe(("Off", "?state=Disabled", true));
    }

    [Theory]
    [InlineData(" ", "Enter the name of the view")]
    [InlineData("a\u0007b", "control")]
    public async Task ViewsDialog_BadName_SaysWhy(string name, string words)
    {
        var dialog = RenderDialog("?state=Disabled");

        dialog.Enter("Name of the view", name);
        dialog.Find("form").Submit();

        dialog.WaitForAssertion(() => dialog.Words().ShouldContain(words));
        (await Get<SavedViewService>().ListAsync(Ada, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task ViewsDialog_Known_CanBeMadeFirstAndRemoved()
    {
        var views = Get<SavedViewService>();
        await views.SaveAsync(Ada, "One", "?state=Disabled", false, Token);
        await views.SaveAsync(Ada, "Two", "?state=Active", true, Token);
        var dialog = RenderDialog("?view=all");

        dialog.Button("Open the list with One").Click();
        dialog.WaitForAssertion(() => dialog.Button("Do not open the list with One").ShouldNotBeNull());
        (await views.ListAsync(Ada, Token)).Where(view => view.IsDefault).Select(view => view.Name).ShouldBe(["One"]);

        dialog.Button("Remove Two").Click();
        dialog.WaitForAssertion(() => dialog.Words().ShouldNotContain("Two"));
        (await views.ListAsync(Ada, Token)).Select(view => view.Name).ShouldBe(["One"]);
    }

    [Fact]
    public async Task Views_OfAnotherPerson_AreNeitherSeenNorChanged()
    {
        var views = Get<SavedViewService>();
        var id = (await views.SaveAsync(Ada, "One", "?state=Disabled", true, Token)).Value;
        var stranger = new Actor(Guid.CreateVersion7(), "grace@example.com") { Role = Role.Administrator };

        (await views.ListAsync(stranger, Token)).ShouldBeEmpty();
        (await views.SaveAsync(stranger, "One", "?state=Active", true, Token)).Succeeded.ShouldBeTrue();
        await views.SetDefaultAsync(stranger, id, Token);
        await views.DeleteAsync(stranger, id, Token);

        var view = (await views.ListAsync(Ada, Token)).ShouldHaveSingleItem();
        (view.Id, view.Query, view.IsDefault).ShouldBe((id, "?state=Disabled", true));
        (await views.ListAsync(stranger, Token)).ShouldHaveSingleItem().Query.ShouldBe("?state=Active");
    }

    private IRenderedComponent<ViewsDialog> RenderDialog(string query) =>
        Render<ViewsDialog>(parameters => parameters.Add(dialog => dialog.Query, query).Add(dialog => dialog.Narrows, true));
}
