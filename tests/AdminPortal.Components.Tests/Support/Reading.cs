using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Components.Tests.Support;

/// <summary>Finds things as a person does: fields by their label, buttons and links by their words.</summary>
internal static partial class Reading
{
    private static readonly HashSet<string> Inline = ["a", "b", "code", "em", "i", "span", "strong", "svg", "time", "use", "wbr"];

    /// <summary>All words of the page, with single blanks between them.</summary>
    public static string Words<T>(this IRenderedComponent<T> page)
        where T : IComponent => string.Join(' ', page.Nodes.Select(node => node.Words()));

    /// <summary>The words of a part; blocks stand apart from each other, what is inline does not.</summary>
    public static string Words(this INode node)
    {
        var text = new StringBuilder();
        Append(node);
        return Blanks().Replace(text.ToString(), " ").Trim();

        void Append(INode part)
        {
            if (part is IText words) _ = text.Append(words.Data);
            var apart = part is IElement element && !Inline.Contains(element.LocalName);
            if (apart) _ = text.Append(' ');
            foreach (var child in part.ChildNodes) Append(child);
            if (apart) _ = text.Append(' ');
        }
    }

    /// <summary>The control that the label with these words is tied to, or that bears them itself.</summary>
    public static IElement Field<T>(this IRenderedComponent<T> page, string label)
        where T : IComponent
    {
        if (page.FindAll("input[aria-label]").SingleOrDefault(element => element.GetAttribute("aria-label") == label) is { } named) return named;
        var found = page.FindAll("label").Where(element => NameOf(element) == label).ToList();
        found.Count.ShouldBe(1, $"labels \"{label}\" in: {page.Words()}");
        var id = found[0].GetAttribute("for").ShouldNotBeNull();
        return page.FindAll("[id]").Single(element => element.Id == id);
    }

    public static bool HasField<T>(this IRenderedComponent<T> page, string label)
        where T : IComponent => page.FindAll("label").Any(element => NameOf(element) == label);

    /// <summary>Everything that describes the control to a screen reader; every id that is named has to be there.</summary>
    public static string Description<T>(this IRenderedComponent<T> page, string label)
        where T : IComponent
    {
        var ids = (page.Field(label).GetAttribute("aria-describedby") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', ids.Select(id => page.FindAll("[id]").Single(element => element.Id == id).Words()));
    }

    public static IElement Button<T>(this IRenderedComponent<T> page, string name)
        where T : IComponent
    {
        var found = page.Buttons(name);
        found.Count.ShouldBe(1, $"buttons \"{name}\" in: {page.Words()}");
        return found[0];
    }

    public static IReadOnlyList<IElement> Buttons<T>(this IRenderedComponent<T> page, string name)
        where T : IComponent => [.. page.FindAll("button").Where(button => (button.GetAttribute("aria-label") ?? button.Words()) == name)];

    public static IElement Link<T>(this IRenderedComponent<T> page, string name)
        where T : IComponent
    {
        var found = page.Links(name);
        found.Count.ShouldBe(1, $"links \"{name}\" in: {page.Words()}");
        return found[0];
    }

    public static IReadOnlyList<IElement> Links<T>(this IRenderedComponent<T> page, string name)
        where T : IComponent => [.. page.FindAll("a").Where(link => (link.GetAttribute("aria-label") ?? link.Words()) == name)];

    public static string? Target<T>(this IRenderedComponent<T> page, string name)
        where T : IComponent => page.Link(name).GetAttribute("href");

    /// <summary>Presses a button; one that submits sends its form.</summary>
    public static void Press<T>(this IRenderedComponent<T> page, string name)
        where T : IComponent
    {
        var button = page.Button(name);
        button.HasAttribute("disabled").ShouldBeFalse($"\"{name}\" is disabled");
        if (button.GetAttribute("type") == "submit") button.Closest("form").ShouldNotBeNull().Submit();
        else button.Click();
    }

    /// <summary>Types into a field, or chooses in it, and leaves it.</summary>
    public static void Enter<T>(this IRenderedComponent<T> page, string label, string value)
        where T : IComponent => page.Field(label).Change(value);

    public static void Tick<T>(this IRenderedComponent<T> page, string label, bool ticked = true)
        where T : IComponent => page.Field(label).Change(ticked);

    /// <summary>The words of everything with this role.</summary>
    public static IReadOnlyList<string> Role<T>(this IRenderedComponent<T> page, string role)
        where T : IComponent => [.. page.FindAll($"[role='{role}']").Select(element => element.Words())];

    public static string Heading<T>(this IRenderedComponent<T> page)
        where T : IComponent => page.Find("h1").Words();

    private static string NameOf(IElement label) => label.Words().Replace("(optional)", "", StringComparison.Ordinal).TrimEnd();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
